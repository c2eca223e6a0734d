import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The star of a transfer on the picking list: a tap asks why, and only then changes it. */
export class StarField extends Component {
    static template = "distribution_visibility.StarField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get isStarred() {
        return this.props.record.data[this.props.name] === "1";
    }

    get title() {
        return this.isStarred ? _t("Take the star away") : _t("Star");
    }

    onClick() {
        const { record } = this.props;
        return this.action.doActionButton({
            type: "object",
            name: "action_visibility_star",
            resModel: record.resModel,
            resIds: [record.resId],
            onClose: () => record.model.load(),
        });
    }
}

registry.category("fields").add("visibility_star", {
    component: StarField,
    displayName: _t("Star that asks why"),
    supportedTypes: ["selection"],
    label: false,
    listViewWidth: 28,
});
