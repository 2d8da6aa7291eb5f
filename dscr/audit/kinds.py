"""The tables whose every change is recorded, and the words for what is in them.

A table of confidential records gets a line here when it is made; `manage.py migrate` then installs its triggers. The
directory files of the FDA are public and change by the hundred thousand: their imports have reports of their own.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`ignored` columns are no change at all; of `secret` ones is kept that they changed, never the value.

    `label` is a column that names the row, copied into the entry. Other rows are named when an entry is read, from
    `named`: a format whose fields are those of the row, relations by their own names.
    """

    slug: str
    table: str
    word: str
    plural: str = ""
    label: str = ""
    named: str = "{row}"
    ignored: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return self.plural or f"{self.word}s"


TRACKED = (
    Kind("person", "access_user", "person", "people", label="email", ignored=("last_login",), secret=("password",)),
    Kind("organization", "access_organisation", "organization", label="name"),
    Kind("membership", "access_membership", "membership", named="{row.user}, {row.role} at {row.organisation}"),
    Kind(
        "admin-group",
        "access_user_groups",
        "admin group of a person",
        "admin groups of people",
        named="{row.group} for {row.user}",
    ),
    Kind(
        "admin-right",
        "access_user_user_permissions",
        "admin right of a person",
        "admin rights of people",
        named="{row.permission} for {row.user}",
    ),
    Kind(
        "invitation",
        "access_invitation",
        "invitation",
        label="email",
        secret=("token_hash",),
    ),
    Kind(
        "second-factor",
        "mfa_authenticator",
        "second factor",
        named="{row.type} of {row.user}",
        ignored=("data", "last_used_at"),  # signing in with it changes its counters
    ),
    Kind(
        "api-token",
        "api_apitoken",
        "API token",
        label="name",
        ignored=("last_used_at",),
        secret=("digest", "hint"),
    ),
    Kind("establishment", "qmm_establishment", "establishment", label="name"),
    Kind("establishment-number", "qmm_establishmentidentifier", "establishment number", label="value"),
    Kind(
        "establishment-merge",
        "qmm_establishmentmerge",
        "merge of establishments",
        "merges of establishments",
        named="{row.goes} into {row.stays}",
    ),
    Kind(
        "site-grant",
        "qmm_sitegrant",
        "sight of an establishment",
        "sights of establishments",
        named="{row.establishment}, shown from {row.valid_from} to {row.valid_to}",
    ),
    Kind(
        "assessment-import", "qmm_assessmentimport", "import of assessments", "imports of assessments", label="source"
    ),
    Kind(
        "site-evidence",
        "qmm_siteevidence",
        "evidence on an establishment",
        "evidence on establishments",
        named="{row.kind} of {row.establishment}, {row.dated_on}",
    ),
    Kind(
        "site-evidence-file",
        "qmm_siteevidencefile",
        "file of evidence on an establishment",
        "files of evidence on establishments",
        label="name",
    ),
    Kind("establishment-contact", "qmm_establishmentcontact", "contact of an establishment", label="name"),
    Kind(
        "duplicate-pair",
        "qmm_duplicatepair",
        "pair of establishments",
        "pairs of establishments",
        named="{row.first} and {row.second}",
        ignored=("signals", "likeness", "found_at"),
    ),
    Kind("assessment", "qmm_assessment", "QMM assessment", named="{row.establishment}, completed {row.completed_on}"),
    Kind("assessment-case", "qmm_assessmentcase", "assessment case", named="{row.establishment}"),
    Kind("case-assignment", "qmm_caseassignment", "assignment to a case", "assignments to cases"),
    Kind("case-event", "qmm_caseevent", "line of a case's timeline", "lines of cases' timelines", secret=("note",)),
    Kind(
        "conflict-of-interest",
        "qmm_conflictdeclaration",
        "declaration of interests",
        "declarations of interests",
        named="{row.user}, {row.organisation}",
        secret=("nature",),
    ),
    Kind(
        "conflict-end",
        "qmm_conflictend",
        "end of a conflict of interest",
        "ends of conflicts of interest",
        named="{row.declaration}",
        secret=("reason",),
    ),
    Kind(
        "case-sheet",
        "qmm_casesheet",
        "questionnaire or draft of a case",
        "questionnaires and drafts of cases",
        # Typing is kept in the sheet itself, text by text.
        ignored=("texts", "edits", "revision", "updated_at", "updated_by_id"),
    ),
    Kind(
        "fact-comment",
        "qmm_factcomment",
        "comment on a draft report",
        "comments on draft reports",
        secret=("text", "passage", "answer"),
    ),
    Kind(
        "improvement-plan",
        "qmm_improvementplan",
        "improvement plan",
        named="{row.case}",
        # Typing is kept in the draft itself, text by text.
        ignored=("texts", "edits", "left_out", "drafted", "revision", "updated_at", "updated_by_id"),
        secret=("no_action",),
    ),
    # Texts stand in the plan and its log, which nobody can change; here only that they were written.
    Kind(
        "improvement-action",
        "qmm_improvementaction",
        "action of an improvement plan",
        "actions of improvement plans",
        named="action {row.number}",
        ignored=("version", "form"),
        secret=("what",),
    ),
    Kind(
        "action-change",
        "qmm_actionchange",
        "change of an action",
        "changes of actions",
        named="number {row.pk}",
        secret=("old", "new", "note"),
    ),
    Kind("action-file", "qmm_actionfile", "file of an action", "files of actions", label="name"),
    Kind("case-file", "qmm_casefile", "file of a case", "files of cases", label="name"),
    # Levels are blind until both assessors have finished, and the audit is read before: it tells that, not what.
    # Typing is kept beside the notes (qmm_earlierentry); it would fill the audit with every keystroke.
    Kind(
        "element-score",
        "qmm_elementscore",
        "level of an assessor",
        "levels of assessors",
        named="{row.element}, assignment {row.assignment_id}",
        ignored=("notes", "version", "updated_at"),
        secret=("level",),
    ),
    Kind(
        "finding",
        "qmm_finding",
        "finding",
        named="{row.element}, assignment {row.assignment_id}",
        ignored=("version", "updated_at", "form"),
        secret=("kind", "text", "evidence"),
    ),
    Kind(
        "finding-file",
        "qmm_findingfile",
        "file of a finding",
        "files of findings",
        named="number {row.pk}",
        # Its digest would tell which file it is to whoever has that file.
        secret=("name", "kind", "size", "sha256"),
    ),
    Kind("score-reopening", "qmm_scorereopening", "reopening of levels", "reopenings of levels"),
    Kind(
        "consensus-score",
        "qmm_consensusscore",
        "agreed level",
        named="{row.element}, {row.case}",
        ignored=("version", "decided_at"),
    ),
    Kind(
        "rubric",
        "qmm_rubric",
        "version of the rubric",
        "versions of the rubric",
        label="version",
        # Typing is kept in the draft itself, text by text; what a version changed is shown between versions.
        ignored=("texts", "removed", "edits", "revision", "updated_at", "updated_by_id"),
    ),
    # Texts of a draft case are kept in it; levels of a sheet in the sheet, which is blind until it is submitted.
    Kind(
        "calibration-case",
        "qmm_calibrationcase",
        "calibration case",
        label="title",
        ignored=("setting", "panel", "revision", "updated_at", "updated_by_id"),
    ),
    Kind(
        "calibration-sheet",
        "qmm_calibrationsheet",
        "sheet of a calibration case",
        "sheets of calibration cases",
        named="{row.assessor}, {row.case}",
        ignored=("updated_at",),
    ),
    Kind("inspection", "qmm_inspection", "inspection", named="{row.establishment}, ended {row.ended_on}"),
    Kind("enrollment", "products_enrolment", "enrollment", named="{row.product} by {row.organisation}"),
    Kind(
        "supply-node",
        "products_supplynode",
        "supply node",
        named="{row.product}, {row.stage} at {row.establishment}",
    ),
    Kind(
        "kpi-submission",
        "products_kpisubmission",
        "KPI submission",
        named="{row.product}, quarter to {row.quarter_end}",
    ),
    Kind(
        "kpi-draft",
        "products_kpidraft",
        "KPI draft",
        named="{row.product}, quarter to {row.quarter_end}",
        # Typing is kept in the draft itself, answer by answer; it would fill the audit with every keystroke.
        ignored=("answers", "answered", "notes", "sources", "edits", "version", "updated_at", "updated_by_id"),
    ),
    Kind(
        "order-upload",
        "products_orderupload",
        "upload of order lines",
        "uploads of order lines",
        label="file_name",
        ignored=("preview", "date_orders", "lines_read", "attempts", "summary", "stored_name", "used_at"),
    ),
    Kind(
        "workbook-upload",
        "products_workbookupload",
        "KPI workbook",
        label="file_name",
        # The progress of the check, and what the drafts keep answer by answer.
        ignored=("tries", "done", "total", "problems", "remarks", "plan"),
    ),
    Kind(
        "figures-job",
        "products_figuresjob",
        "work on many figures",
        "works on many figures",
        named="{row.kind}, {row.organisation}",
        # The progress, and what the drafts and submissions themselves keep.
        ignored=("tries", "done", "total", "asked"),
    ),
    Kind(
        "disclosure-grant",
        "products_disclosuregrant",
        "disclosure grant",
        named="{row.organisation}, disclosed from {row.valid_from} to {row.valid_to}",
    ),
    Kind(
        "disclosure-request",
        "products_disclosurerequest",
        "disclosure request",
        named="{row.asking} asks {row.organisation}, {row.product}",
    ),
    Kind("drug-list", "products_druglist", "drug list", label="name"),
    Kind("drug-list-entry", "products_druglistentry", "drug on a list", "drugs on lists", label="molecule"),
    # A firm's own thoughts: that it plans is kept, never what.
    Kind(
        "planner-effort",
        "ratings_plannereffort",
        "effort in a plan",
        "efforts in plans",
        named="number {row.pk}",
        secret=("action", "effort"),
    ),
    Kind(
        "scenario",
        "ratings_scenario",
        "scenario",
        named="number {row.pk}",
        secret=("product_id", "name", "query"),
    ),
    # What was written stands in the thread, which nobody can change; here only that it was.
    Kind(
        "review-request",
        "ratings_reviewrequest",
        "request for review",
        "requests for review",
        named="{row.kind} {row.pk}",
        secret=("should_be",),
    ),
    Kind("review-message", "ratings_reviewmessage", "review message", secret=("text", "form")),
    Kind("review-file", "ratings_reviewfile", "file of evidence", "files of evidence", label="name"),
    Kind(
        "setting-change",
        "ratings_settingchange",
        "change of a program setting",
        "changes of program settings",
        named="{row}",
    ),
    Kind("methodology-release", "ratings_methodologyrelease", "methodology release", label="version"),
)
# Their reading is noted and their rows are named, but their changes are not recorded.
READ_ONLY = (Kind("product", "products_product", "product"),)

KINDS = {kind.slug: kind for kind in (*TRACKED, *READ_ONLY)}
BY_TABLE = {kind.table: kind for kind in KINDS.values()}
