"""The plan of a fault run: write, kill, freeze, restart, then quiet, then look for everything that was promised."""

import json
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dscr.faults.outage import Outage
from dscr.faults.report import Findings, print_report
from dscr.faults.stage import Stage, say
from dscr.local.data_folder import DataFolder
from dscr.local.servers import LocalServers
from dscr.local.supervisor import program

KILL_EVERY = 5.0
QUIET_SECONDS = 60.0
RESUME_SECONDS = 20.0


def run(seconds: float, products: int) -> bool:
    """True if nothing was lost, wrong or stuck."""
    folder = DataFolder.open(DataFolder.open().path / "faults")
    with folder.supervised(), LocalServers(folder) as servers:
        stage = Stage(folder, servers)
        try:
            findings = Play(stage, seconds, products).perform()
        finally:
            stage.close()
    return print_report(findings, stage.logs)


class Play:
    def __init__(self, stage: Stage, seconds: float, products: int) -> None:
        self.stage = stage
        self.seconds = seconds
        self.products = products
        self.outage_seconds = min(10.0, seconds / 7)
        self.outages: list[Outage] = []
        self.resuming: list[Outage] = []
        self.next_kill = 0.0

    def perform(self) -> Findings:
        self.stage.prepare(self.products)
        self.stage.start_workers()
        self._until(time.time() + QUIET_SECONDS, lambda: self._marks() == 0)
        say(f"{self.products} products rated; writing and breaking for {self.seconds:.0f} s")
        started = time.time()
        self.next_kill = started + KILL_EVERY
        self.stage.start_writers(started + self.seconds)
        self._calm(started + self.seconds * 0.15)
        self._redis_outage("Redis killed", signal.SIGKILL, self.stage.restart_redis)
        self._calm(started + self.seconds * 0.42)
        self._redis_outage("Redis frozen", signal.SIGSTOP, lambda: self.stage.redis(signal.SIGCONT))
        self._calm(started + self.seconds * 0.72)
        self._postgres_outage()
        self._calm(started + self.seconds)
        return self._quiet()

    def _calm(self, until: float) -> None:
        while time.time() < until:
            self._tick()

    def _tick(self, *, spared: int = 0) -> None:
        """A fifth of a second: kill what is due, notice who died and who works again."""
        time.sleep(0.2)
        self.stage.notice_deaths()
        if self.resuming:
            spared = 1
            self._notice_resumption()
        if time.time() >= self.next_kill:
            self.next_kill += KILL_EVERY
            kills = self.stage.kills
            if kills["pool child"] > kills["worker"]:
                self.stage.kill_worker(spared)
            else:
                self.stage.kill_pool_child()

    def _redis_outage(self, what: str, number: signal.Signals, restore: Callable[[], None]) -> None:
        outage = Outage(what, time.time(), survivors={worker.pid for worker in self.stage.workers})
        self.outages.append(outage)
        self.stage.redis(number)
        while time.time() < outage.began + self.outage_seconds:
            self._tick(spared=1)
        restore()
        outage.ended = time.time()
        self.resuming.append(outage)

    def _postgres_outage(self) -> None:
        outage = Outage("PostgreSQL crashed and restarted", time.time())
        outage.survivors = {worker.pid for worker in self.stage.workers}
        self.outages.append(outage)
        with ThreadPoolExecutor(1) as pool:
            restart = pool.submit(self.stage.restart_postgres)
            while not restart.done():
                self._tick(spared=1)
            restart.result()
        outage.ended = time.time()
        self.resuming.append(outage)

    def _notice_resumption(self) -> None:
        """A worker works again once a child of its pool is seen in the database, a second after the end or later."""
        pools = self.stage.pool_pids()
        for outage in list(self.resuming):
            rows = self.stage.query(
                "SELECT split_part(worker, ':', 2)::int FROM ratings_workertally WHERE last_seen_at > to_timestamp(%s)",
                outage.ended + 1,
            )
            seen = {row[0] for row in rows}
            outage.survivors &= set(pools)  # those killed since are no longer asked
            for pid in outage.survivors - set(outage.resumed):
                if pools[pid] & seen:
                    outage.resumed[pid] = time.time() - outage.ended
                    say(f"{outage.what}: worker {pid} works again {outage.resumed[pid]:.1f} s after its end")
            waited = time.time() - outage.ended
            if outage.survivors <= set(outage.resumed) or waited > RESUME_SECONDS:
                self.resuming.remove(outage)

    def _quiet(self) -> Findings:
        say("quiet")
        for writer in self.stage.writers:
            writer.wait()
        began = time.time()
        emptied = self._until(began + QUIET_SECONDS, lambda: self._marks() == 0 and not self.resuming)
        say(f"no mark left after {emptied:.1f} s" if emptied is not None else "marks are left")
        report = self.stage.logs / "audit.json"
        self.stage.step("audit", program("dscr.faults", "audit", str(self.stage.logs), str(report)))
        return Findings(
            seconds=self.seconds,
            products=self.products,
            quiet_seconds=emptied,
            kills=dict(self.stage.kills),
            outages=self.outages,
            ended_by_themselves=self.stage.ended_by_themselves,
            audit=json.loads(report.read_text()),
        )

    def _marks(self) -> int:
        return int(self.stage.query("SELECT count(*) FROM ratings_stalemark")[0][0])

    def _until(self, deadline: float, condition: Callable[[], bool]) -> float | None:
        """Wait without killing; seconds waited, or None."""
        began = time.time()
        while not condition():
            if time.time() > deadline:
                return None
            time.sleep(0.1)
            if self.resuming:
                self._notice_resumption()
        return time.time() - began
