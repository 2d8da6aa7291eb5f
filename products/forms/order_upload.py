"""The file of order lines, and which of its columns is what."""

from collections import Counter
from typing import Any

from django import forms

from products.models import OrderUpload
from products.orders.files import LARGEST_UPLOAD, MIB, Shape
from products.orders.mapping import BY_CODE, ROLES, OrderMapping, guess, needs_in_words, order_of_columns
from products.queries.own_products import enrolled_by
from products.services.order_upload import ENDINGS, remembered_mapping

NOT_IN_FILE = "Not in the file"


class OrderFileForm(forms.Form):
    file = forms.FileField(
        label="File of order lines",
        help_text=f"CSV of up to 1,000,000 lines, plain or packed (.zip, .gz), or an Excel workbook (.xlsx) of up to "
        f"200,000 lines; at most {LARGEST_UPLOAD // MIB} MiB.",
        widget=forms.FileInput(attrs={"class": "usa-file-input-plain", "accept": ",".join(ENDINGS)}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty. Export the order lines again."},
    )


class OrderMappingForm(forms.Form):
    """A field for each role, one for a single product, and one for dates that can be read two ways."""

    def __init__(self, *args: Any, upload: OrderUpload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.upload = upload
        self.heads = Shape.from_json(upload.shape).heads
        remembered = remembered_mapping(upload)
        self.guessed = guess(self.heads, remembered)
        columns = [("", NOT_IN_FILE), *((str(at), self._column(at)) for at in range(len(self.heads)))]
        for role in ROLES:
            self.fields[role.code] = forms.ChoiceField(
                label=role.label,
                help_text=role.hint,
                choices=columns,
                required=False,
                initial=str(self.guessed.columns.get(role.code, "")),
                widget=_select(),
            )
        products = enrolled_by(upload.organisation_id)
        known = [(product.pk, f"{product.display_ndc} {product.nonproprietary_name}"[:80]) for product in products]
        self.fields["one_product"] = forms.ChoiceField(
            label="One product for all lines",
            help_text="Choose it where no column names the product.",
            choices=[("", "The column “Product” says it"), *known],
            required=False,
            initial=(remembered or {}).get("one_product") or "",
            widget=_select(),
        )
        if any(upload.date_orders):
            self._add_order(remembered)

    def _add_order(self, remembered: dict[str, Any] | None) -> None:
        found = order_of_columns(self.guessed.columns, self.upload.date_orders)
        initial = found if found in ("month", "day") else ""
        if not initial and self.guessed.remembered and remembered:
            initial = "day" if remembered["day_first"] else "month"
        self.fields["date_order"] = forms.ChoiceField(
            label="Dates such as 03/04/2026",
            help_text="Other ways of writing a date are read as they stand: 2026-03-04, 4-Mar-26, Excel's numbers.",
            choices=[("", "Choose"), ("month", "Month first: March 4"), ("day", "Day first: April 3")],
            required=False,
            initial=initial,
            widget=_select(),
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        columns = {role.code: int(given[role.code]) for role in ROLES if given.get(role.code)}
        if given.get("one_product"):
            columns.pop("product", None)
        for column, times in Counter(columns.values()).items():
            if times > 1:
                taken = [role for role, place in columns.items() if place == column]
                self.add_error(taken[1], f"{BY_CODE[taken[0]].label} is that column already. Choose another one.")
        if "product" not in columns and not given.get("one_product"):
            self.add_error("product", "Choose the column that names the product, or one product for all lines.")
        order = self._checked_order(columns, given.get("date_order", ""))
        names = (self.upload.mapping or {}).get("names") or (remembered_mapping(self.upload) or {}).get("names") or {}
        one_product = int(given["one_product"]) if given.get("one_product") else None
        self.mapping = OrderMapping(columns, order == "day", one_product, names)
        if not self.mapping.measures:
            self.add_error(None, f"These columns give no figure. {needs_in_words()}")
        return given

    def _checked_order(self, columns: dict[str, int], chosen: str) -> str:
        found = order_of_columns(columns, self.upload.date_orders)
        if not chosen and found == "either":
            self.add_error("date_order", "Every date in the first lines can be read both ways. Say which is meant.")
        elif not chosen and found == "both":
            self.add_error(
                "date_order",
                "Some dates have the month first and some the day. Say which is meant; lines that cannot be read so "
                "are not used.",
            )
        elif chosen and found in ("month", "day") and chosen != found:
            self.add_error("date_order", f"The first lines have dates that can only be read with the {found} first.")
        return chosen or found

    def _column(self, at: int) -> str:
        """Letter, head and an example, as one meets it in a spreadsheet."""
        example = next((row[at] for row in self.upload.preview if at < len(row) and row[at].strip()), "")
        shown = f" ({example[:24]})" if example else ""
        return f"{letters(at)}: {self.heads[at][:40] or 'no head'}{shown}"


def letters(at: int) -> str:
    """A, B, ... Z, AA: the name of a column in a spreadsheet, counted from 0."""
    return (letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "usa-select"})
