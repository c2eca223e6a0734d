import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Clock } from "../base/clock";

/** States of what is settled: nothing is left of its time. */
const SETTLED = ["resolved", "dismissed", "met", "cancelled", "done"];

/** How long is left until a deadline, while it matters; by the hour and minute, not by calendar months. */
export class DeadlineField extends Clock {
    get isShown() {
        return this.due && !SETTLED.includes(this.props.record.data.state);
    }
}

registry.category("fields").add("visibility_deadline", {
    component: DeadlineField,
    displayName: _t("Time left"),
    supportedTypes: ["datetime"],
    supportedOptions: [{ label: _t("Large"), name: "large", type: "boolean" }],
    extractProps: ({ options }) => ({ large: Boolean(options.large) }),
    fieldDependencies: [{ name: "state", type: "selection" }],
});
