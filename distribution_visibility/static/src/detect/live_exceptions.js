import { onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";

const CHANGED = "visibility.exceptions.changed";
/** Milliseconds: however much changes, the workbench is not drawn more often. */
const PAUSE = 1500;

/** A controller that loads its records again when the server says that exceptions changed. */
const live = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            const bus = useService("bus_service");
            let timer;
            const refresh = () => {
                timer ??= browser.setTimeout(() => {
                    timer = undefined;
                    if (this.isFree()) {
                        this.model.load();
                    }
                }, PAUSE);
            };
            bus.subscribe(CHANGED, refresh);
            onWillUnmount(() => {
                bus.unsubscribe(CHANGED, refresh);
                browser.clearTimeout(timer);
            });
        }

        /** Not while somebody drags a card, edits a row or has selected rows. */
        isFree() {
            const root = this.model.root;
            return !document.querySelector(".o_dragged") && !root.editedRecord && !root.selection?.length;
        }
    };

registry.category("views").add("visibility_exception_kanban", {
    ...kanbanView,
    Controller: live(kanbanView.Controller),
});
registry.category("views").add("visibility_exception_list", {
    ...listView,
    Controller: live(listView.Controller),
});
