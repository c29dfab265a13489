"""The world of `four_states.yaml` as a programmer would write it by hand for speed: one run after the other, compiled.

It knows what that file says and no more: which states there are, who may give to whom, which months matter. Stages of
the month follow those of `backfill.world`; units are whole, in floats.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from backfill.arrays import Floats
from backfill.passing.transfers import IDLE_MONTHS
from backfill.reading.number import DAYS_PER_MONTH

ROUNDING, MID_MONTH = 1e-9, 14
OTHER, DONOR, AIDED, BYSTANDER = range(4)
"""The accounts of the order book."""

ALLY_OWN, DONOR_ALLY, DONOR_OWN, BYSTANDER_OWN, AIDED_ALLY, AIDED_OWN = range(6)
"""The lots: who holds rounds, and whether the donor or its ally built them."""

GIFT_OWN, GIFT_ALLY, PROMISE = range(3)
"""The lanes from lot to lot."""

SUPPLIERS, RECEIVERS = (DONOR_OWN, DONOR_ALLY, ALLY_OWN), (AIDED_OWN, AIDED_ALLY, DONOR_ALLY)
LOTS, LANES, ACCOUNTS, LATEST = 6, 3, 4, 160
STOCKS, PRODUCED, DELIVERED, AID_OWN, AID_ALLY, DEMAND, UNMET = (
    0,
    LOTS,
    LOTS + 1,
    LOTS + 2,
    LOTS + 3,
    LOTS + 4,
    LOTS + 5,
)
RECORDED = LOTS + 6


@njit(cache=False)
def triangular(uniform: float, low: float, mode: float, high: float) -> float:
    """A value of a range, most likely near its central value."""
    width = high - low
    if uniform * width < mode - low:
        return low + math.sqrt(uniform * width * (mode - low))
    return high - math.sqrt((1.0 - uniform) * width * (high - mode))


@njit(cache=False)
def count(uniform: float, mean: float, dispersion: float) -> float:
    """The smallest count of the negative binomial whose cumulative probability reaches the uniform."""
    found, odds = 0.0, mean / (dispersion + mean)
    likely = math.exp(dispersion * math.log(dispersion / (dispersion + mean)))
    reached = likely
    while reached < uniform and likely > 0:
        likely *= odds * (dispersion + found) / (found + 1.0)
        found += 1.0
        reached += likely
    return found


@njit(cache=False)
def months_later(duration: float, day: float) -> int:
    """In how many months something ends that takes so many months from a day of this one."""
    return math.floor((duration * DAYS_PER_MONTH + day) / DAYS_PER_MONTH + ROUNDING)


@njit(cache=False)
def share_in_proportion(wanted: Floats, supply: float, first: int, shares: Floats) -> None:
    """Whole units in proportion to what is wanted, largest remainders first, of all accounts but the donor's."""
    asked = 0.0
    for row in range(len(wanted)):
        shares[row] = 0.0 if row == first else wanted[row]
        asked += shares[row]
    if asked <= supply:
        return
    left = supply
    for row in range(len(wanted)):
        shares[row] = 0.0 if row == first else wanted[row] * supply // asked
        left -= shares[row]
    raised = np.zeros(len(wanted))
    for _unit in range(int(left)):
        best, least = -1, 0.0
        for row in range(len(wanted)):
            if row != first and raised[row] == 0.0:
                missing = shares[row] * asked - wanted[row] * supply
                if best < 0 or missing < least:
                    best, least = row, missing
        raised[best] = 1.0
        shares[best] += 1.0


@njit(cache=False)
def place_order(book: Floats, ordered: Floats, account: int, slot: int, units: float, months: int) -> None:
    """A named order: its units in whole numbers over so many months from a slot on; what lies before is past."""
    before = 0.0
    for month in range(months):
        by_then = math.floor(units * (month + 1) / months + ROUNDING)
        if 0 <= slot + month < LATEST:
            book[slot + month, account] += by_then - before
            ordered[slot + month] += by_then - before
        before = by_then


@njit(cache=False)
def due_within(book: Floats, account: int, index: int, months: int) -> float:
    """What an account is due in the months after this one."""
    total = 0.0
    for slot in range(index + 1, min(index + 1 + months, LATEST)):
        total += book[slot, account]
    return total


@njit(cache=False)
def live_all(values: Any, luck: Floats, dates: Any, open_share: Floats, fire_units: Floats, spans: Floats) -> Floats:
    """What is recorded in each month.

    values:     the numbers of the file, by name                                                       [runs]
    luck:       demand, two noises of will, four delays of gifts and promise            [7, months, runs]
    dates:      months of the file, counted from the first one
    open_share: of a month, how much of it gifts and orders may leave for the aided state              [months]
    fire_units: of the aided state                                                           [months and more]
    spans:      low, mode and high of the five drawn delays                                            [5, 3]
    returns                                                                              [RECORDED, months, runs]
    """
    _kinds, months, runs = luck.shape
    found = np.empty((RECORDED, months, runs), dtype=np.float32)
    for run in range(runs):
        live(values[run], luck[:, :, run], dates, open_share, fire_units, spans, found[:, :, run])
    return found


@njit(cache=False)
def live(
    v: Any, luck: Floats, dates: Any, open_share: Floats, fire_units: Floats, spans: Floats, found: Floats
) -> None:
    """One run."""
    months = luck.shape[1]
    stock, committed = np.zeros(LOTS), np.zeros(LOTS)
    stock[ALLY_OWN], stock[DONOR_OWN] = np.rint(v.ally_stock), np.rint(v.donor_stock)
    stock[BYSTANDER_OWN], stock[AIDED_OWN] = np.rint(v.bystander_stock), np.rint(v.aided_stock)
    leaving, arriving = np.zeros((LANES, LATEST + 80)), np.zeros((LANES, LATEST + 80))
    coming, under_way, lapsed, arrived = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    idle = np.zeros(LANES)
    ally_minimum = v.ally_minimum * stock[ALLY_OWN] / v.readiness

    # The line: what it can build, what is planned, and what was ordered before the first month.
    lead = int(np.rint(v.lead_time))
    book, ordered = np.zeros((LATEST, ACCOUNTS)), np.zeros(LATEST)
    announced, planned, rates = np.zeros(LATEST), np.zeros(LATEST), np.zeros(LATEST)
    all_announced, all_planned, before, planned_before = 0.0, 0.0, 0.0, 0.0
    for slot in range(min(months + lead, LATEST)):
        rates[slot] = v.capacity_then if slot >= dates.capacity else v.capacity
        if 0 < slot < dates.capacity:
            rates[slot] = v.capacity + slot / dates.capacity * (v.capacity_then - v.capacity)
        all_announced += rates[slot]
        announced[slot] = math.floor(all_announced + ROUNDING) - before
        before += announced[slot]
        all_planned += v.share_bought * rates[slot] if slot >= dates.procurement else v.bought
        planned[slot] = math.floor(all_planned + ROUNDING) - planned_before
        planned_before += planned[slot]
    place_order(
        book,
        ordered,
        BYSTANDER,
        dates.bystander_order + lead,
        np.rint(v.bystander_order),
        int(np.rint(v.bystander_over)),
    )
    for slot in range(lead):
        book[slot, DONOR] += planned[slot]
        book[slot, OTHER] += max(announced[slot] - ordered[slot] - planned[slot], 0.0)
    carry, oldest = 0.0, 0
    outbound, travelling, handed, wanted, shares = (
        np.zeros(ACCOUNTS),
        np.zeros(ACCOUNTS),
        np.zeros(ACCOUNTS),
        np.zeros(ACCOUNTS),
        np.zeros(ACCOUNTS),
    )

    # The donor's mind, the standing case and the promise.
    step = v.spread * math.sqrt(1.0 - v.persistence * v.persistence)
    will_mean, deviation = math.log(v.will / (1.0 - v.will)), 0.0
    training_left, fraction = 0.0, 0.0
    opened, waiting_until, last_moved = False, 0, 0
    announced_units, promised_left, delivered = np.rint(v.promised), np.rint(v.delivers), 0.0
    due_month = dates.promise + months_later(v.promise_due, dates.promise_day)
    decided = dates.promise + months_later(v.promise_decision, dates.promise_day)
    agreed, contracts, arrivals = np.zeros(IDLE_MONTHS), np.zeros(IDLE_MONTHS), np.zeros(IDLE_MONTHS)
    agreements = 0
    cover, look_ahead, ahead = int(np.rint(v.cover)), int(np.rint(v.look_ahead)), int(np.rint(v.ahead))
    per_attack, floor = v.per_target * v.other_targets, v.floor * v.requirement
    donor_minimum = v.donor_minimum * v.requirement

    for month in range(months):
        can_engage = fire_units[month] > 0
        attacks = v.attacks * v.intensity if dates.winter <= month < dates.spring else v.attacks
        expected = attacks * (v.engaged_then if month >= dates.engaged else v.engaged) * per_attack
        if not can_engage:
            expected = 0.0

        # Production, the donor first, then the others in proportion, oldest slots first.
        overdue = 0.0
        for slot in range(oldest, month + 1):
            for account in range(ACCOUNTS):
                overdue += book[slot, account]
        whole = math.floor(carry + rates[month] + ROUNDING)
        built = min(whole, overdue)
        carry = carry + rates[month] - whole
        left = built
        for account in range(ACCOUNTS):
            handed[account] = 0.0
        for slot in range(oldest, month + 1):
            units = min(book[slot, DONOR], left)
            book[slot, DONOR] -= units
            handed[DONOR] += units
            left -= units
        for slot in range(oldest, month + 1):
            if left == 0:
                break
            for account in range(ACCOUNTS):
                wanted[account] = book[slot, account]
            share_in_proportion(wanted, left, DONOR, shares)
            for account in range(ACCOUNTS):
                book[slot, account] -= shares[account]
                handed[account] += shares[account]
                left -= shares[account]
        while oldest < month and book[oldest].sum() == 0:
            oldest += 1
        stock[DONOR_OWN] += handed[DONOR]
        outbound[AIDED] += handed[AIDED]
        outbound[BYSTANDER] += handed[BYSTANDER]

        # Arrivals along lanes and from the line.
        for lane in range(LANES):
            due = arriving[lane, month]
            came = min(due, under_way[lane])
            never = min(due - came, lapsed[lane])
            arrived[lane] = came
            lapsed[lane] -= never
            arriving[lane, month + 1] += due - came - never
            coming[lane] -= came + never
            under_way[lane] -= came
            stock[RECEIVERS[lane]] += came
        delivered += arrived[PROMISE]
        bought = travelling[AIDED]
        stock[AIDED_OWN] += bought
        stock[BYSTANDER_OWN] += travelling[BYSTANDER]
        travelling[BYSTANDER], outbound[BYSTANDER] = outbound[BYSTANDER], 0.0
        gone = outbound[AIDED]
        if open_share[month] < 1.0:
            gone = math.floor(gone * open_share[month] + 0.5)
        travelling[AIDED] = gone
        outbound[AIDED] -= gone

        # War and training: foreign rounds first.
        demand = count(luck[0, month], expected, v.dispersion) if expected > 0 else 0.0
        unmet = demand
        for lot in (AIDED_ALLY, AIDED_OWN):
            fired = min(stock[lot], unmet)
            stock[lot] -= fired
            unmet -= fired
        due_training = training_left + v.training
        still = math.floor(due_training)
        used = 0.0
        for lot in (DONOR_ALLY, DONOR_OWN):
            fired = min(max(stock[lot] - committed[lot], 0.0), still)
            stock[lot] -= fired
            still -= fired
            used += fired
        training_left = min(due_training - used, 1.0)

        # What the aided state aims at and what the donor can spare.
        target = max(v.cover * expected, v.load * fire_units[month + ahead])
        promised = 0.0
        if month >= dates.promise:
            if month < due_month <= month + look_ahead:
                promised = max(announced_units - delivered, 0.0)
            in_time = 0.0
            for which in range(agreements):
                if contracts[which] <= month and arrivals[which] <= month + look_ahead:
                    in_time += agreed[which]
            promised = max(promised, min(in_time - delivered, coming[PROMISE]))
        free = max(stock[DONOR_ALLY] - committed[DONOR_ALLY], 0.0) + max(stock[DONOR_OWN] - committed[DONOR_OWN], 0.0)
        kept = free - max(look_ahead * v.training - due_within(book, DONOR, month, look_ahead), 0.0)
        headroom = max(min(free - donor_minimum, kept + (v.anticipation * promised - floor)), 0.0)
        deviation = v.persistence * deviation + step * luck[1, month]
        will = 1.0 / (1.0 + math.exp(-(will_mean + deviation)))

        # Orders.
        if month == dates.aided_order:
            place_order(book, ordered, AIDED, month + lead, np.rint(v.aided_order), int(np.rint(v.aided_over)))
        slot = month + lead
        book[slot, DONOR] += planned[slot] if slot < len(planned) else 0.0
        ordered[slot] += planned[slot]
        book[slot, OTHER] += max(announced[slot] - ordered[slot], 0.0)

        # The standing request.
        held = stock[AIDED_ALLY] + stock[AIDED_OWN]
        on_order = travelling[AIDED] + outbound[AIDED] + due_within(book, AIDED, month, cover)
        missing = max(target - held - coming[GIFT_OWN] - coming[GIFT_ALLY] - on_order, 0.0)
        if missing > 0 and not opened:
            opened = True
            decision = triangular(luck[2, month], spans[0, 0], spans[0, 1], spans[0, 2])
            waiting_until = last_moved = month + months_later(decision, MID_MONTH)
        opened = opened and month - last_moved < IDLE_MONTHS

        # Backfill.
        if decided <= month < decided + IDLE_MONTHS and promised_left > 0:
            day = dates.promise_day if month == dates.promise else MID_MONTH
            contract = triangular(luck[5, month], spans[3, 0], spans[3, 1], spans[3, 2])
            handover = contract + triangular(luck[6, month], spans[4, 0], spans[4, 1], spans[4, 2])
            arrival = max(months_later(handover + v.promise_transit, day), 1)
            spare = math.floor(max(max(stock[ALLY_OWN] - committed[ALLY_OWN], 0.0) - ally_minimum, 0.0) + ROUNDING)
            units = min(max(stock[ALLY_OWN] - committed[ALLY_OWN], 0.0), promised_left, spare)
            if units > 0:
                committed[ALLY_OWN] += units
                leaving[PROMISE, month + min(months_later(handover, day), arrival - 1)] += units
                arriving[PROMISE, month + arrival] += units
                coming[PROMISE] += units
                promised_left -= units
                agreed[agreements] = units
                contracts[agreements] = month + months_later(contract, day)
                arrivals[agreements] = month + arrival
                agreements += 1

        # Aid: what the donor lets go, as far as it is ready, asked for and there.
        offered = will * v.release * headroom
        letting_go = fraction + offered if offered > 0 else 0.0
        if opened:
            ready = waiting_until <= month
            amount = min(letting_go, headroom) * open_share[month] if ready else 0.0
            spent = 0.0
            if amount > 0:
                spare = max(free - donor_minimum, 0.0)
                units = min(math.floor(min(amount, spare) + ROUNDING), math.floor(missing + ROUNDING))
                if units > 0:
                    contract = triangular(luck[3, month], spans[1, 0], spans[1, 1], spans[1, 2])
                    handover = contract + triangular(luck[4, month], spans[2, 0], spans[2, 1], spans[2, 2])
                    arrival = max(months_later(handover + v.gift_transit, MID_MONTH), 1)
                    leaves = month + min(months_later(handover, MID_MONTH), arrival - 1)
                    for lane in (GIFT_OWN, GIFT_ALLY):
                        lot = SUPPLIERS[lane]
                        taken = min(max(stock[lot] - committed[lot], 0.0), units - spent)
                        committed[lot] += taken
                        leaving[lane, leaves] += taken
                        arriving[lane, month + arrival] += taken
                        coming[lane] += taken
                        spent += taken
                    if spent > 0:
                        last_moved = month
            letting_go -= spent
            if ready and offered > 0:
                fraction = max(letting_go, 0.0) % 1.0

        # Shipment.
        for lane in range(LANES):
            due = leaving[lane, month]
            if due > 0:
                lot = SUPPLIERS[lane]
                allowed = due
                if lane != PROMISE and open_share[month] < 1.0:
                    allowed = math.floor(due * open_share[month] + 0.5)
                gone = min(allowed, stock[lot])
                stock[lot] -= gone
                committed[lot] -= gone
                under_way[lane] += gone
                still = due - gone
                idle[lane] = idle[lane] + 1 if still > 0 and stock[lot] == 0 else 0
                if idle[lane] >= IDLE_MONTHS:
                    idle[lane] = 0
                    lapsed[lane] += still
                    committed[lot] -= still
                    still = 0.0
                leaving[lane, month + 1] += still
            else:
                idle[lane] = 0

        for lot in range(LOTS):
            found[STOCKS + lot, month] = stock[lot]
        found[PRODUCED, month] = built
        found[DELIVERED, month] = delivered
        found[AID_OWN, month] = arrived[GIFT_OWN] + bought
        found[AID_ALLY, month] = arrived[GIFT_ALLY]
        found[DEMAND, month] = demand
        found[UNMET, month] = unmet
