"""What a fault run found, as lines for the terminal and one verdict."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dscr.faults.journal import read
from dscr.faults.outage import Outage

AFTERMATH = 5.0  # seconds after an outage that still count as its time


@dataclass(slots=True)
class Findings:
    seconds: float
    products: int
    quiet_seconds: float | None
    kills: dict[str, int]
    outages: list[Outage]
    ended_by_themselves: list[str]
    audit: dict[str, Any]


def print_report(findings: Findings, logs: Path) -> bool:
    events = [event for path in sorted(logs.glob("*.journal")) for event in read(path)]
    kinds = Counter(event["event"] for event in events)
    audit = findings.audit
    line("acknowledged commits", kinds["acknowledged"], f"{audit['acknowledged']} values in {audit['rows']} rows")
    line("errors met by writers", kinds["error"], "of the broker or any other; a lost database is retried")
    line("retried by writers", kinds["retry"], "; ".join(reasons(events, "retry")))
    line("kill -9", sum(findings.kills.values()), ", ".join(f"{n} of a {what}" for what, n in findings.kills.items()))
    line("recomputed", audit["recomputed"], f"{audit['published']} published, {audit['snapshots']} snapshots")
    line("retried by workers", audit["retries"], f"{audit['failed']} tries failed, {audit['workers']} processes worked")
    for name, count in sorted(logged(logs).items()):
        line(f"  logged {name}", count)
    for outage in findings.outages:
        back = ", ".join(f"{seconds:.1f}" for seconds in outage.resumed.values())
        line(outage.what, f"{outage.ended - outage.began:.1f} s", f"workers worked again after {back or 'no'} s")
    print_times(
        "writer latency, ms", [e for e in events if e["event"] == "acknowledged"], "ms", findings.outages, 50, 99
    )
    print_times("freshness, s", [e for e in events if e["event"] == "published"], "seconds", findings.outages, 50, 95)
    wrong = list(faults(findings, events, kinds))
    for fault in wrong:
        line("WRONG", fault)
    checked = f"{audit['checked']} products verified, {len(audit['wrong'])} wrong, {len(audit['lost'])} writes lost"
    line("FAILED" if wrong else "PASSED", checked, f"marks left: {audit['marks']}")
    return not wrong


def faults(findings: Findings, events: list[dict[str, Any]], kinds: Counter[str]) -> list[str]:
    """Everything that breaks a promise."""
    audit = findings.audit
    found = [f"lost write: {text}" for text in audit["lost"][:20]]
    found += [f"product {key}: {text}" for key, text in list(audit["wrong"].items())[:20]]
    found += [f"{who} ended by itself" for who in findings.ended_by_themselves]
    found += [f"a writer met an error: {text}" for text in reasons(events, "error")]
    for outage in findings.outages:
        missing = outage.survivors - set(outage.resumed)
        if missing or not outage.survivors:
            found.append(f"{outage.what}: {missing or 'no worker'} did not work again by itself")
    if findings.quiet_seconds is None or audit["marks"] or audit["pending"]:
        found.append(f"{audit['marks']} marks are left, {audit['pending']} products pending")
    if audit["checked"] < findings.products:
        found.append(f"only {audit['checked']} of {findings.products} products were verified")
    if audit["failed_heads"]:
        found.append(f"{audit['failed_heads']} products cannot be computed")
    if kinds["ended"] != 5:
        found.append(f"only {kinds['ended']} of 5 writers reached their end")
    return found


def print_times(
    what: str, events: list[dict[str, Any]], key: str, outages: list[Outage], middle: int, high: int
) -> None:
    during = [event for event in events if in_outage(event, outages)]
    calm = [event for event in events if not in_outage(event, outages)]
    for label, chosen in (("all", events), ("calm", calm), (f"outages and {AFTERMATH:.0f} s after", during)):
        if chosen:
            values = [event[key] for event in chosen]
            figures = f"p{middle} {np.percentile(values, middle):.3g}, p{high} {np.percentile(values, high):.3g}"
            line(f"{what} ({label})", figures, f"max {max(values):.3g}, n {len(values)}")


def in_outage(event: dict[str, Any], outages: list[Outage]) -> bool:
    """Whether any of the time from its beginning to its end was in an outage or soon after it."""
    began = event.get("committed", event["at"] - event.get("ms", 0) / 1000)
    return any(event["at"] > outage.began and began < outage.ended + AFTERMATH for outage in outages)


def reasons(events: list[dict[str, Any]], kind: str) -> list[str]:
    counts = Counter(" ".join(event["reason"].split())[:100] for event in events if event["event"] == kind)
    return [f"{count} x {reason}" for reason, count in counts.most_common(5)]


def logged(logs: Path) -> Counter[str]:
    """Events in the workers' logs that are not everyday ones."""
    counts: Counter[str] = Counter()
    for path in (*logs.glob("worker-*.log"), *logs.glob("beat.log")):
        for text in path.read_text(errors="replace").splitlines():
            if text.startswith("{"):
                event = json.loads(text)
                if event.get("level") in ("warning", "error", "critical") or event["event"] == "recompute_conflict":
                    counts[" ".join(str(event["event"]).split())[:60]] += 1
    return counts


def line(name: str, value: object, detail: str = "") -> None:
    print(f"{name:<46} {value}{'  (' + detail + ')' if detail else ''}", flush=True)  # noqa: T201
