import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** From which score on a bar has which colour; the first that fits. */
const COLOURS = [
    [70, "bg-danger"],
    [40, "bg-warning"],
    [0, "bg-info"],
];

/** A score from 0 to 100 as a small bar with its number; the words for it are the tooltip. */
export class PriorityField extends Component {
    static template = "distribution_visibility.PriorityField";
    static props = { ...standardFieldProps };

    get score() {
        return this.props.record.data[this.props.name] || 0;
    }

    get colour() {
        return COLOURS.find(([from]) => this.score >= from)[1];
    }

    get words() {
        return this.props.record.data.priority_reason || "";
    }
}

registry.category("fields").add("visibility_priority", {
    component: PriorityField,
    displayName: "Priority",
    supportedTypes: ["integer"],
    fieldDependencies: [{ name: "priority_reason", type: "char" }],
});
