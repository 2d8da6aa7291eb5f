"""What beat sends and when: jobs by the clock, and looks for what a lost message or a dead worker left.

`schedule`: seconds, or a time of day; a task `expires` after as many seconds in the queue; `unless_waiting`: it is not
sent while as many tasks wait.
"""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep": {"task": "ratings.tasks.sweep", "schedule": 1.0, "options": {"expires": 2, "unless_waiting": 5}},
    "order-uploads": {
        "task": "products.tasks.compute_orders",
        "schedule": 5.0,
        "options": {"expires": 10, "unless_waiting": 5},
    },
    # An upload sends the task itself; this finds what a lost message or a dead worker left.
    "workbooks": {
        "task": "products.tasks.check_workbooks",
        "schedule": 3.0,
        "options": {"expires": 5, "unless_waiting": 5},
    },
    "kept-answers": {
        "task": "dscr.api.tasks.sweep_kept_answers",
        "schedule": 600.0,
        "options": {"expires": 300, "unless_waiting": 50},
    },
    # A step of a review sends the task itself; this finds what a lost message or a mail server's outage left.
    "review-mails": {
        "task": "ratings.tasks.mail_reviews",
        "schedule": 60.0,
        "options": {"expires": 60, "unless_waiting": 5},
    },
    # The same of assessments' steps.
    "case-mails": {
        "task": "qmm.tasks.mail_cases",
        "schedule": 60.0,
        "options": {"expires": 60, "unless_waiting": 5},
    },
    "figures-jobs": {
        "task": "products.tasks.run_figures_jobs",
        "schedule": 3.0,
        "options": {"expires": 5, "unless_waiting": 5},
    },
    "raw-files": {
        "task": "products.tasks.remove_old_files",
        "schedule": 21_600.0,
        "options": {"expires": 3600, "unless_waiting": 50},
    },
    # Levels of all organizations, beside which reports show a site.
    "peers": {
        "task": "qmm.tasks.keep_peers",
        "schedule": 1_800.0,
        "options": {"expires": 900, "unless_waiting": 50},
    },
    # By the clock: beat forgets with each restart how much of a week has passed.
    "duplicates": {
        "task": "qmm.tasks.find_duplicates",
        "schedule": crontab(minute="20", hour="3", day_of_week="sunday"),
        "options": {"expires": 3600, "unless_waiting": 50},
    },
    # Looks whether somebody finished; after midnight always.
    "agreement": {
        "task": "qmm.tasks.recompute_agreement",
        "schedule": 300.0,
        "options": {"expires": 240, "unless_waiting": 50},
    },
    # Assessments that expire, warnings before they do, improvement plans and their actions.
    "calendar": {
        "task": "qmm.tasks.watch_calendar",
        "schedule": 3600.0,
        "options": {"expires": 600, "unless_waiting": 50},
    },
    "remind": {"task": "products.tasks.remind", "schedule": 3600.0, "options": {"expires": 600, "unless_waiting": 50}},
}
