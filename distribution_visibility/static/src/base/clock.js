import { Component, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

export const MINUTE = 60 * 1000;
/** From how many minutes on it is soon. */
const SOON = 120;

/** One timer for all clocks of a page: they tick once a minute, and ask the server nothing. */
const clocks = new Set();
let timer;

function start(tick) {
    clocks.add(tick);
    timer ??= browser.setInterval(() => clocks.forEach((one) => one()), MINUTE);
}

function stop(tick) {
    clocks.delete(tick);
    if (!clocks.size) {
        browser.clearInterval(timer);
        timer = undefined;
    }
}

/**
 * A span of time in the two largest units that say something: 2 h 10, 3 d 4 h, 12 min.
 *
 * @param {number} minutes not less than zero
 * @returns {string}
 */
export function describeSpan(minutes) {
    const days = Math.floor(minutes / 1440);
    const hours = Math.floor((minutes % 1440) / 60);
    const rest = minutes % 60;
    if (days) {
        return hours && days < 7 ? _t("%(days)s d %(hours)s h", { days, hours }) : _t("%s d", days);
    }
    if (hours) {
        return rest && hours < 10 ? _t("%(hours)s h %(minutes)s min", { hours, minutes: rest }) : _t("%s h", hours);
    }
    return _t("%s min", rest);
}

/**
 * What a clock shows.
 *
 * @param {number} left minutes until it is due, less than zero: since then
 * @param {"met"|"missed"|false} result of what is done; `left` is what was left then
 * @returns {{text: string, kind: "danger"|"warning"|"success"|"muted"}}
 */
export function describeClock(left, result) {
    const span = describeSpan(Math.abs(left));
    if (result) {
        return result === "met"
            ? { text: _t("In time, %s early", span), kind: "success" }
            : { text: _t("Late by %s", span), kind: "danger" };
    }
    if (left < 0) {
        return { text: _t("Late %s", span), kind: "danger" };
    }
    return { text: _t("%s left", span), kind: left <= SOON ? "warning" : "muted" };
}

/** How long is left until a moment, counted by minutes: whatever is due shows it like this. */
export class Clock extends Component {
    static template = "distribution_visibility.Clock";
    static props = { ...standardFieldProps, large: { type: Boolean, optional: true } };

    setup() {
        this.state = useState({ now: Date.now() });
        const tick = () => (this.state.now = Date.now());
        start(tick);
        onWillUnmount(() => stop(tick));
    }

    get due() {
        return this.props.record.data[this.props.name];
    }

    /** To be said by each: whether it still matters. */
    get isShown() {
        return Boolean(this.due);
    }

    get left() {
        return Math.floor((this.due.toMillis() - this.state.now) / MINUTE);
    }

    get clock() {
        return describeClock(this.left, false);
    }

    get moment() {
        return formatDateTime(this.due, { showSeconds: false });
    }

    get title() {
        return _t("Due %s", this.moment);
    }

    /** Two colours alone say nothing to those who cannot tell them apart. */
    get icon() {
        return { danger: "fa-exclamation-circle", warning: "fa-hourglass-half", success: "fa-check" }[this.clock.kind];
    }
}
