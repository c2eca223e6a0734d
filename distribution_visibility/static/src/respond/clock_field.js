import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Clock, describeClock } from "../base/clock";

/** How long is left until a moment, while the transfer is open; whether it was kept, when it is done. */
export class ClockField extends Clock {
    get isShown() {
        const { state, visibility_clock_result } = this.props.record.data;
        return this.due && (visibility_clock_result || !["done", "cancel"].includes(state));
    }

    get clock() {
        const { visibility_clock_result: result, visibility_spare_hours: spare } = this.props.record.data;
        return describeClock(result ? Math.round(spare * 60) : this.left, result);
    }
}

registry.category("fields").add("visibility_clock", {
    component: ClockField,
    displayName: _t("Clock"),
    supportedTypes: ["datetime"],
    supportedOptions: [{ label: _t("Large"), name: "large", type: "boolean" }],
    extractProps: ({ options }) => ({ large: Boolean(options.large) }),
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "visibility_clock_result", type: "selection" },
        { name: "visibility_spare_hours", type: "float" },
    ],
});
