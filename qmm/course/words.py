"""What is said of a case: what comes next, who does it and until when."""

from datetime import date

from qmm.course.steps import CLOSED, NEXT, STEPS, Side, State, either


def next_sentence(state: str, due_on: date | None, is_confirmed: bool = False, is_answered: bool = False) -> str:
    """For everybody: the step that leads on, who takes it, until when. `is_answered`: no comment waits."""
    now = State(state)
    until = f" by {day(due_on)}" if due_on else ""
    if now == State.FINAL:
        return f"{CLOSED[now]} Next: the establishment writes and sends its improvement plan{until}."
    if now in CLOSED:
        return CLOSED[now]
    step = STEPS[NEXT[now]]
    if now == State.FACT_CHECK and not is_confirmed:
        return f"Next: the establishment checks the draft and comments on what is not accurate{until}."
    if now == State.FACT_CHECK and is_answered:
        return f"Next: the program operator makes it final{until}. No comment waits for an answer."
    if now == State.FACT_CHECK:
        return f"Next: the assessors answer every comment{until}; then the program operator makes it final."
    do = "do" if step.sides[-1] == Side.ASSESSOR else "does"  # the only ones who are several
    return f"Next: {step.does[0].lower()}{step.does[1:]}. {first_up(either(step.sides))} {do} that{until}."


def who_is_next(state: str, is_confirmed: bool = False, is_answered: bool = False) -> str:
    """In a table: The program operator. `is_answered`: no comment waits."""
    now = State(state)
    if now in CLOSED and now != State.FINAL:
        return "Nobody"
    if now == State.FACT_CHECK:
        if not is_confirmed:
            return first_up(either([Side.FIRM]))
        return first_up(either([Side.OFFICE] if is_answered else [Side.ASSESSOR, Side.OFFICE]))
    return first_up(either(STEPS[NEXT[now]].sides))


def day(on: date) -> str:
    return f"{on:%B} {on.day}, {on.year}"


def first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
