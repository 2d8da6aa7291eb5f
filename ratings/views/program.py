"""The program's settings: what holds, who changed what, and changing one with what that means said first."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dscr.access.scoping import may
from ratings.models import Preview, SettingChange
from ratings.preview_sentences import change_sentence, running_sentence
from ratings.program import SETTINGS, ChangedMeanwhileError, setting_change, setting_held
from ratings.program_form import SettingForm
from ratings.queries.preview import previews_running

SHOWN = 100  # changes
MEANWHILE = "Somebody else changed this setting meanwhile. Nothing was changed by you: look at what holds now."


@require_safe
@never_cache
def program(request: HttpRequest) -> HttpResponse:
    """Six queries at most beyond those of every page."""
    held = [setting_held(setting) for setting in SETTINGS.values()]
    running = previews_running(request.user)
    changes = SettingChange.objects.for_user(request.user, "read_program").select_related("changed_by")[:SHOWN]
    rows = [
        {
            "setting": setting,
            "change": change,
            "before": setting.told(change.value_before),
            "now": setting.told(change.value),
        }
        for change in changes
        if (setting := SETTINGS.get(change.name))
    ]
    context = {
        "settings": held,
        "may_change": may(request.user, "set_program"),
        "rows": rows,
        "running": running,
        "running_sentence": running_sentence(running),
    }
    return render(request, "ratings/program.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def program_change(request: HttpRequest, setting: str) -> HttpResponse:
    """The form; then what the value means; then, confirmed, it holds."""
    if setting not in SETTINGS:
        raise Http404
    held = setting_held(SETTINGS[setting])
    initial = {"value": held.value, "version": held.version}
    given = request.POST if request.method == "POST" else None
    form = SettingForm(held.setting, held.value, given, initial=initial)
    context: dict[str, Any] = {"held": held, "form": form, "hint": f"{held.setting.least} to {held.setting.most}."}
    if given is None or "change" in given or not form.is_valid():
        return render(request, "ratings/program_change.html", context)
    if form.cleaned_data["version"] != held.version:
        form.add_error(None, MEANWHILE)
        return render(request, "ratings/program_change.html", context)
    value, reason = form.cleaned_data["value"], form.cleaned_data["reason"]
    if "confirmed" not in given:
        begun = list(Preview.objects.for_user(request.user, "read_figures").values_list("since", flat=True))
        meaning = change_sentence(held.setting, value, begun, timezone.now())
        context |= {"told": held.setting.told(value), "meaning": meaning}
        return render(request, "ratings/program_confirm.html", context)
    try:
        setting_change(held, value, user=request.user, reason=reason)
    except ChangedMeanwhileError:
        form.add_error(None, MEANWHILE)
        return render(request, "ratings/program_change.html", context)
    messages.success(request, f"{held.setting.label}: {held.setting.told(value)} from now on.")
    return redirect("ratings:program")
