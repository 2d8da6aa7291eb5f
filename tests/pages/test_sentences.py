"""The sentences above the pictures: each rule with the data that calls for it."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from dscr.home.sentences import failed_sentence, standings_sentence, waiting_sentence
from products.questionnaire import QUESTIONS
from ratings import figures, sentences
from ratings.causes import Cause
from ratings.models import RatingSnapshot
from ratings.queries.explained import DomainFigure, FiguresView, NodeFigure, StageFigure
from ratings.queries.history import HistoryPoint
from ratings.queries.overview import Standing, Waiting
from ratings.queries.peers import Peers
from ratings.queries.published import PublishedDomain, PublishedView, published_view
from ratings.scoring import INDICATORS, load_methodology
from ratings.views import chart_data

METHOD = load_methodology("2026.1")


def view(losses: dict[str, float] | None = None, stages: list[StageFigure] | None = None) -> FiguresView:
    domains = [
        DomainFigure(domain.code, domain.label, domain.weight, 50, 1, (losses or {}).get(domain.code, 0.0), [])
        for domain in METHOD.domains
    ]
    return FiguresView(METHOD, 80.1, 80.05, 1.0, 1.0, domains, stages or [])


def published(losses: dict[str, int] | None = None, **snapshot: Any) -> PublishedView:
    """As published_view makes it from a snapshot with these columns."""
    row = RatingSnapshot(**{"methodology": "2026.1", "gates": 0, "status": 1, "score": 80.1} | snapshot)
    row.inputs, row.explanation = [0.0], [math.nan] * 100
    row.computed_at = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    domains = [
        PublishedDomain(domain.code, domain.label, domain.weight, 3, "Moderate", (losses or {}).get(domain.code, 0))
        for domain in METHOD.domains
    ]
    return replace(published_view(row), domains=domains)


def stage(code: str, *nodes: NodeFigure) -> StageFigure:
    return StageFigure(code, code, METHOD.qmm.stage_weights.get(code, 0.0), None, None, list(nodes))


def site(name: str, share: float = 0.5, qualified: bool = True, action: bool = False) -> NodeFigure:
    return NodeFigure(1, name, "api", "India", share, qualified, action, 3.0, None)


class TestPoints:
    def test_the_domain_that_costs_most_comes_first(self) -> None:
        said = sentences.points_sentence(view({"qmm": 11.3123, "capacity": 3.0593, "sourcing": 2.0697}))
        assert said == (
            "Quality management maturity (QMM) of the sites costs this product most, 11.3 of the 16.4 points lost; "
            "capacity and redundancy comes next."
        )

    def test_a_small_second_one_is_not_named(self) -> None:
        said = sentences.points_sentence(view({"inventory": 4.0, "qmm": 0.4}))
        assert said == "Inventory and safety stock costs this product most, 4.0 of the 4.4 points lost."

    def test_two_that_cost_the_same(self) -> None:
        said = sentences.points_sentence(view({"sourcing": 16.0118, "capacity": 16.0118, "qmm": 8}))
        assert "cost this product most, 16.0 points each of 40.0 lost." in said

    def test_two_that_come_next(self) -> None:
        said = sentences.points_sentence(published({"qmm": 13, "geography": 4, "delivery": 4}))
        assert said == (
            "Quality management maturity (QMM) of the sites costs this product most, 13 of the 21 points lost; "
            "where it is made and delivery performance come next."
        )
        said = sentences.points_sentence(published({"qmm": 13, "geography": 1, "delivery": 1, "capacity": 1}))
        assert said.endswith("13 of the 16 points lost.")

    def test_nothing_lost(self) -> None:
        assert sentences.points_sentence(view()) == "No points were lost."
        assert sentences.points_sentence(published()) == "Less than a point was lost."


class TestSupply:
    def full(self, **others: StageFigure) -> list[StageFigure]:
        both = (site("A"), site("B"))
        return [others.get(code, stage(code, *both)) for code in ("ksm", "api", "fdf", "packaging", "testing")]

    def test_no_single_point_of_failure(self) -> None:
        said = sentences.supply_sentence(self.full())
        assert said == "No stage of supply rests on one source."

    def test_a_qualified_backup_is_a_source(self) -> None:
        said = sentences.supply_sentence(self.full(api=stage("api", site("A", 1), site("B", 0))))
        assert said == "No stage of supply rests on one source."

    def test_single_sources_are_named_once_per_site(self) -> None:
        stages = self.full(
            api=stage("api", site("Ashvale", 1)),
            packaging=stage("packaging", site("Halden", 1)),
            testing=stage("testing", site("Halden", 1)),
        )
        assert sentences.supply_sentence(stages) == (
            "The API rests on one source, Ashvale; packaging and testing on Halden."
        )

    def test_an_unqualified_backup_is_none(self) -> None:
        stages = self.full(api=stage("api", site("A", 1), site("B", 0, qualified=False)))
        assert sentences.supply_sentence(stages) == "The API rests on one source, A, because B is not qualified."

    def test_a_site_under_official_action_beside_the_one_source(self) -> None:
        both = (site("Works 2", 0.5), site("Kellandra", 0.5, action=True))
        stages = self.full(fdf=stage("fdf", *both), packaging=stage("packaging", *both))
        assert sentences.supply_sentence(stages) == (
            "The finished dose and packaging rest on one source, Works 2, "
            "because Kellandra is under an open official action."
        )

    def test_official_action_leaves_no_source(self) -> None:
        stages = self.full(fdf=stage("fdf", site("Kellandra", 1, action=True)))
        assert sentences.supply_sentence(stages) == (
            "The finished dose has no qualified source: Kellandra is under an open official action."
        )

    def test_a_site_that_must_not_be_named_is_not(self) -> None:
        """Two sites of others, one under an official action: which, the reader may not be told."""
        both = [replace(site(name), shows_maturity=False) for name in ("Works 2", "Kellandra")]
        hidden = StageFigure("fdf", "fdf", 0.45, None, None, both, hidden_actions=1)
        assert sentences.supply_sentence(self.full(fdf=hidden)) == (
            "The finished dose rests on one source, because an official action is open at another site."
        )
        assert sentences.supply_sentence(self.full(fdf=replace(hidden, hidden_actions=2))) == (
            "The finished dose has no qualified source: a site is under an open official action."
        )

    def test_stages_not_given_are_said(self) -> None:
        said = sentences.supply_sentence(self.full(ksm=stage("ksm"), packaging=stage("packaging")))
        assert said == "No stage of supply rests on one source. No establishment is given for packaging."

    def test_nothing_given(self) -> None:
        assert sentences.supply_sentence([stage("api")]).startswith("No establishment of this")


def point(
    score: float | None, band: int | None, was: float | None, band_was: int | None, days: int = 0
) -> HistoryPoint:
    at = datetime(2026, 3, 10, 15, tzinfo=UTC) + timedelta(days=days)
    causes = [Cause("sourcing", "API supplier Corvo added with 40% of supply", "x")]
    status = 1 if score is not None else 2
    return HistoryPoint(at, None, at.date(), "2026.1", status, score, band, causes, was, band_was)


class TestHistory:
    def test_the_newest_telling_change_comes_first_then_the_last_change_of_band(self) -> None:
        points = [point(69, 3, None, None), point(80.1, 4, 69, 3, 5), point(75.8, 4, 80.1, 4, 9)]
        points.append(point(75.5, 4, 75.8, 4, 10))
        assert sentences.history_sentence(points) == (
            "Fell from 80.1 to 75.8 on March 19, 2026: API supplier Corvo added with 40% of supply; 75.5 today. "
            "Rose to High on March 15, 2026: API supplier Corvo added with 40% of supply."
        )
        drawn = chart_data.history_line(points, points[-1].at)["points"]
        assert [item["named"] for item in drawn] == [False, False, True, False]

    def test_small_changes_after_a_change_of_band_end_on_today_s_score(self) -> None:
        points = [point(69, 3, None, None), point(75, 4, 69, 3, 5), point(75.8, 4, 75, 4, 9)]
        points.append(point(76.5, 4, 75.8, 4, 10))
        assert sentences.history_sentence(points) == (
            "Rose to High on March 15, 2026: API supplier Corvo added with 40% of supply; 76.5 today."
        )

    def test_a_score_after_a_time_without_one_comes_first(self) -> None:
        points = [point(69, 3, None, None), point(80, 4, 69, 3, 1), point(None, None, 80, 4, 2)]
        points.append(point(29.8, 1, None, None, 5))
        assert sentences.history_sentence(points) == "Rated again on March 15, 2026: Very low."
        assert chart_data.history_line(points, points[-1].at)["points"][-1]["named"]
        points.append(point(29.3, 1, 29.8, 1, 6))
        assert sentences.history_sentence(points) == "Rated again on March 15, 2026: Very low; 29.3 today."

    def test_the_first_score_is_not_rated_again(self) -> None:
        said = sentences.history_sentence([point(None, None, None, None), point(80, 4, None, None, 2)])
        assert said == "80.0 since March 12, 2026, without a change."

    def test_without_one_the_last_change_of_score(self) -> None:
        said = sentences.history_sentence([point(80.1, 4, None, None), point(78.4, 4, 80.1, 4, 1)])
        assert said.startswith("Fell from 80.1 to 78.4 on March 11, 2026: API supplier Corvo")

    def test_without_any_change(self) -> None:
        assert sentences.history_sentence([point(80, 4, None, None)]) == "80.0 since March 10, 2026, without a change."

    def test_no_score_now(self) -> None:
        said = sentences.history_sentence([point(80, 4, None, None), point(None, None, 80, 4, 2)])
        assert said == "Insufficient data since March 12, 2026; last rated 80.0 (High)."


class TestPeers:
    def peers(self, scores: list[float | None], others: int = 0) -> Peers:
        rated = [
            SimpleNamespace(pk=number, rating=SimpleNamespace(status=1 if score else 3, score=score))
            for number, score in enumerate(scores, 1)
        ]
        return Peers(rated, len(rated), [], others)

    @pytest.mark.parametrize(
        ("scores", "own", "said"),
        [
            ([80.1, 70.0, None], 1, "Two of three NDCs are rated; this product scores highest."),
            ([80.1, 70.0, 60.0], 2, "Three of three NDCs are rated; this product scores second highest."),
            ([80.1, 70.0, 60.0], 3, "Three of three NDCs are rated; this product scores lowest."),
            ([80.1, 60.0, 60.0], 3, "Three of three NDCs are rated; this product scores lowest, with others."),
            ([None, None], 1, "None of the two NDCs is rated."),
            ([80.1, 80.1], 2, "Two of two NDCs are rated; this product scores highest, with others."),
            ([80.1, None], 2, "One of two NDCs is rated."),
        ],
    )
    def test_where_it_stands(self, scores: list[float | None], own: int, said: str) -> None:
        assert sentences.peers_sentence(self.peers(scores), own) == said

    def test_not_enrolled_is_neither_good_nor_bad(self) -> None:
        said = sentences.peers_sentence(self.peers([80.1], 2), 1)
        assert said == "One of three NDCs is rated. Two are not enrolled, which is neither good nor bad."

    @pytest.mark.parametrize(
        ("share", "said"), [(None, ""), (0.597, "59%"), (0.6, "60%"), (0.95, "95%"), (0.999, "99%"), (1.0, "100%")]
    )
    def test_how_much_is_known_is_rounded_down(self, share: float | None, said: str) -> None:
        """59.7% is not the 60% that a score needs: so on the rating, at home, in the plan and in what-if."""
        assert figures.coverage(share).replace(figures.NBSP, " ") == said

    def test_the_questionnaire_and_the_rating_name_a_figure_alike(self) -> None:
        names = {question.code: question.label for question in QUESTIONS}
        shared = names.keys() & INDICATORS.keys()
        assert {code: names[code] for code in shared} == {code: INDICATORS[code].label for code in shared}

    def test_withdrawn_ones_are_told_apart(self) -> None:
        peers = replace(self.peers([80.1, None], 1), withdrawn_count=2)
        assert sentences.peers_sentence(peers, 1) == (
            "One of five NDCs is rated. Two are withdrawn. One is not enrolled, which is neither good nor bad."
        )

    def test_the_ndc_tells_two_of_one_maker_apart_on_the_scale(self) -> None:
        makers = ("Halden", "Corvo", "Corvo", "Vantry")
        rated = [
            SimpleNamespace(
                pk=number,
                labeler_name=maker,
                display_ndc=f"99901-10{number}",
                rating=SimpleNamespace(status=1, score=90.0 - number),
            )
            for number, maker in enumerate(makers, 1)
        ]
        drawn = chart_data.peer_line(Peers(rated, 4, [], 0), 4, METHOD)["products"]
        assert [row["label"] for row in drawn] == ["Halden", "Corvo 99901-102", "Corvo 99901-103", "Vantry"]
        assert [row["text"] for row in drawn] == ["89.0", "88.0", "87.0", "86.0"]

    def test_alone(self) -> None:
        assert "No other NDC" in sentences.peers_sentence(self.peers([80.1]), 1)


class TestLimitsAndWatch:
    def test_a_gate_that_binds_and_one_that_does_not(self) -> None:
        binds = sentences.limits(published(gates=0b001, band_uncapped=4, band=3))[0]
        assert binds.said.startswith("Limits the band to Moderate. The drug is on a current shortage list")
        idle = sentences.limits(published(gates=0b100, band_uncapped=1, band=1))[0]
        assert (idle.label, idle.binds) == ("Single point of failure", False)
        assert idle.said == "It would cap the band at Low; the score is already below that."

    def test_caps_that_change_nothing_are_told_together(self) -> None:
        idle = sentences.limits(published(gates=0b111, band_uncapped=1, band=1))
        assert [limit.said for limit in idle] == [
            "They would cap the band at Moderate and Low; the score is already below that."
        ]

    def test_a_higher_cap_beside_a_lower_one_changes_nothing(self) -> None:
        said = sentences.limits(published(gates=0b101, band_uncapped=4, band=2))
        assert [limit.binds for limit in said] == [True, False]
        assert said[1].said == "It would cap the band at Moderate; the band is already below that."

    def test_official_action_names_the_site(self) -> None:
        stages = [stage("fdf", site("Kellandra", 1, action=True), site("Backup", 0, action=True))]
        limit = sentences.limits(published(gates=0b010, band_uncapped=4), view(stages=stages))[0]
        assert limit.said.endswith("It is Kellandra.")

    @pytest.mark.parametrize(
        ("score", "band", "said"),
        [
            (69.2, 4, "On watch: 69.2 is below the cut of 70 for High, but within the buffer of 2 points"),
            (71.0, 3, "On watch: 71.0 is above the cut of 70 for High, but within the buffer of 2 points"),
            (75.0, 4, ""),
            (70.0, 4, ""),
        ],
    )
    def test_on_watch(self, score: float, band: int, said: str) -> None:
        assert sentences.watch_sentence(published(score=score, band_uncapped=band)).startswith(said)
        assert bool(sentences.watch_sentence(published(score=score, band_uncapped=band))) == bool(said)


class TestOverview:
    def test_standings(self) -> None:
        rows = [Standing("High", 4, 3), Standing("Low", 2, 1), Standing("Expired", None, 2)]
        assert figures_plain(standings_sentence(rows)) == (
            "4 of 6 enrolled products are rated, 75% of them High or Very high."
        )
        rows.append(Standing("Withdrawn", None, 2))
        assert standings_sentence(rows).endswith("Very high. Two more are withdrawn.")
        assert figures_plain(standings_sentence(rows)).startswith("4 of 6 enrolled products are rated")
        assert standings_sentence([]) == "No product is enrolled yet."

    def test_waiting_and_failed(self) -> None:
        assert (
            figures_plain(waiting_sentence(Waiting(3, 75.0))) == "3 changes wait to be computed, the oldest for 1 min."
        )
        assert "set back after a failure" in waiting_sentence(Waiting(1, 0.0))
        assert failed_sentence(2).startswith("Two products cannot be computed")


def figures_plain(text: str) -> str:
    return text.replace(figures.NBSP, " ")


class TestFigures:
    @pytest.mark.parametrize(
        ("code", "answer", "said"),
        [
            ("fill_rate", (98200.0, 100000.0), "98.2% (98,200 of 100,000)"),
            ("disruption_notice_rate", (0.0, 0.0), "no disruption"),
            ("capacity_utilisation", (0.72, float("nan")), "past 72%, forecast not disclosed"),
            ("risk_management_plan", (3.0,), "tested within 12 months"),
            ("emergency_stock_process", (1.0, 1.0, 0.0, float("nan"), 0.0), "written process and allocation rule"),
            ("emergency_stock_process", (0.0,) * 5, "no process"),
            ("contribution_margin", (-0.05,), "−5%"),
            ("days_inventory_on_hand", (1.0,), "1 day"),
            ("shelf_life_months", (float("nan"),), "not disclosed"),
        ],
    )
    def test_reported(self, code: str, answer: tuple[float, ...], said: str) -> None:
        assert figures_plain(figures.reported(code, answer)) == said

    @pytest.mark.parametrize(
        ("text", "form", "said"),
        [
            (".1 mg/mL", "INJECTION", "0.1 mg/mL"),
            ("1000 mg/1", "INJECTION, POWDER", "1,000 mg each"),
            ("5 mg/1", "TABLET, FILM COATED", "5 mg per tablet"),
            ("25 mg/1; 12.50 mg/1", "CAPSULE", "25 mg per capsule; 12.50 mg per capsule"),
            ("1000 [USP'U]/mL", "INJECTION", "1,000 USP units/mL"),
            ("50 ug/mL", "INJECTION", "50 mcg/mL"),
            ("10 g/100mL", "INJECTION", "10 g/100mL"),
            ("", "TABLET", ""),
        ],
    )
    def test_strength(self, text: str, form: str, said: str) -> None:
        assert figures.strength(text, form) == said

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("MORPHINE SULFATE", "Morphine sulfate"),
            ("Morphine Sulfate", "Morphine sulfate"),
            ("morphine sulfate", "Morphine sulfate"),
            ("HYDROXYZINE HCL", "Hydroxyzine HCl"),
            ("Hydroxyzine HCl", "Hydroxyzine HCl"),
            ("prednisoLONE Acetate", "PrednisoLONE acetate"),
            ("CYANOCOBALAMIN (VITAMIN B12); VITAMIN A", "Cyanocobalamin (vitamin B12); vitamin A"),
            ("COAGULATION FACTOR IX", "Coagulation factor IX"),
            ("INTERFERON BETA-1A", "Interferon beta-1a"),
            ("Children's Ibuprofen", "Children's ibuprofen"),
            ("CHILDREN'S IBUPROFEN", "Children's ibuprofen"),
            ("L-CYSTEINE", "L-cysteine"),
            ("", ""),
        ],
    )
    def test_drug_name(self, text: str, shown: str) -> None:
        assert figures.drug_name(text) == shown

    def test_category(self) -> None:
        assert figures.category("UNAPPROVED DRUG OTHER") == "Unapproved drug other"
        assert figures.category("NDA AUTHORIZED GENERIC") == "NDA authorized generic"

    def test_shares_add_up_to_the_shown_whole(self) -> None:
        """Rounded one by one these add up to 20.0."""
        parts = [11.3123, 3.0593, 2.0697, 1.7132, 1.0973, 0.6982]
        assert figures.shared_out(parts, 19.9) == [11.3, 3.0, 2.1, 1.7, 1.1, 0.7]
        assert figures.shared_out([0.0, 0.3], 0.3) == [0.0, 0.3]

    def test_small_losses_are_a_plain_zero(self) -> None:
        assert [figures.loss(value) for value in (0.04, 0.05, 11.31, float("nan"))] == ["0", "−0.1", "−11.3", ""]

    @pytest.mark.parametrize(("number", "said"), [(1, "first"), (11, "11th"), (12, "12th"), (21, "21st"), (23, "23rd")])
    def test_ordinals(self, number: int, said: str) -> None:
        assert figures.ordinal(number) == said


@pytest.mark.parametrize("band", [1, 2, 3, 4, 5])
def test_every_band_means_something(band: int) -> None:
    said = sentences.meaning_sentence(published(band=band, band_uncapped=band))
    assert said.endswith(".")
    assert "safe" not in said
