package dev.holdfast.server;

import dev.holdfast.server.ProcessCluster.Happening;
import dev.holdfast.server.ProcessCluster.Links;
import dev.holdfast.server.ProcessCluster.Member;
import dev.holdfast.tck.Pulse;
import dev.holdfast.tck.faults.FaultProxy;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to the active of three processes under writing clients, and for how long one of them could not write. A
 * step-down need only take less than a lease here, and what a late machine explains is not judged; on a machine without
 * other work the median of seven is held to 300 ms, and each of them to a second, and an outage after a kill to the lease
 * and a second, by
 * {@code mvn -pl server -am test -Dtest='*OutageTest' -Dsurefire.failIfNoSpecifiedTests=false -Dholdfast.outages=strict}.
 */
final class Outages implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("outages");

    static final long LOCK_TTL = 2_000;

    /** As in rule LV-01: the stores look for leases that ran out each half a second, and all else takes one second. */
    private static final long AFTER_LOSS = 500 + 1_000;

    private static final boolean STRICT = "strict".equals(System.getProperty("holdfast.outages"));
    private static final int STEP_DOWNS = STRICT ? 7 : 1;
    private static final long STRICT_MEDIAN = 300;

    /** Of each, the first time that a process leads included. */
    private static final long STRICT_EACH = 1_000;

    private static final long STRICT_AFTER_KILL = 1_000;

    private final ProcessCluster cluster;
    private final String kind;
    private final long lease;
    private final long silence;

    /** Read at the end, after what was lost: a slow hand-over is the lesser evil. */
    private final SoftAssertions judgement = new SoftAssertions();

    /** Tells what was late by itself, as everything is now and then beside other tests. */
    private final Optional<Pulse> machine = STRICT ? Optional.empty() : Optional.of(Pulse.start());

    private long began;

    /**
     * Starts three servers.
     *
     * @param kind the stores, in a word
     * @param stores makes the blocks of a server's configuration
     * @param lease of the lock, in milliseconds
     * @param silence for how long at most nobody may write when the active is lost, in milliseconds: its lease, and
     *     where storage cannot fence five eighths of it and {@code lock_delay}
     */
    Outages(
            String kind,
            Path directory,
            String lockStore,
            String dataStore,
            Function<Links, String> stores,
            long lease,
            long silence)
            throws Exception {
        Links[] links = IntStream.range(0, 3)
                .mapToObj(i -> Links.of(port(lockStore), port(dataStore)))
                .toArray(Links[]::new);
        this.cluster = new ProcessCluster(kind, directory, links, stores);
        this.kind = kind;
        this.lease = lease;
        this.silence = silence;
    }

    private static int port(String endpoint) {
        return URI.create(endpoint).getPort();
    }

    static String etcd(String block, long ttl, Links links) {
        return """
                %s "etcd" {
                  endpoints = "http://127.0.0.1:%d"
                  path = "%s/"
                  lock_ttl = "%dms"
                  request_timeout = "1s"
                }
                """.formatted(block, links.lock().port(), block, ttl);
    }

    /** What a server said when it started. */
    String banner() {
        return cluster.members().get(0).process().log();
    }

    void stepDown() throws Exception {
        List<Long> all = new ArrayList<>();
        for (int i = 0; i < STEP_DOWNS; i++) {
            all.add(outage("step-down", true, cluster::stepDown));
        }
        long median = all.stream().sorted().toList().get(all.size() / 2);
        log.warn(
                "{}: step-downs: {} ms without a write, median {}, longest {}",
                kind,
                all,
                median,
                Collections.max(all));
        if (STRICT) {
            judge(median, STRICT_MEDIAN, "step-down, the median of " + all);
        }
        judge(Collections.max(all), STRICT ? STRICT_EACH : lease, "step-down, the longest of " + all);
    }

    void seal() throws Exception {
        long outage = outage("seal", false, active -> {
            cluster.seal(active);
            cluster.unseal(active);
        });
        judge(outage, LOCK_TTL, "seal");
    }

    void kill() throws Exception {
        long outage = outage("kill -9", false, active -> active.process().kill());
        judge(outage, STRICT ? lease + STRICT_AFTER_KILL : silence + AFTER_LOSS, "kill");
    }

    void pauseAndResume() throws Exception {
        Member[] paused = new Member[1];
        long outage = outage("SIGSTOP", false, active -> {
            paused[0] = active;
            active.process().pause();
        });
        judge(outage, silence + AFTER_LOSS, "pause");
        paused[0].process().resume();
        cluster.awaitStandby(paused[0]);
    }

    void cutFromLock() throws Exception {
        Member cut = cut("the lock", Links::lock);
        cut.links().lock().heal();
        cluster.awaitStandby(cut);
    }

    void cutFromData() throws Exception {
        Member cut = cut("the data", Links::data);
        cut.links().data().heal();
        cluster.awaitStandby(cut);
    }

    private Member cut(String store, Function<Links, FaultProxy> link) throws Exception {
        Member[] cut = new Member[1];
        long outage = outage("cut from " + store, false, active -> {
            cut[0] = active;
            ProcessCluster.cut(link).to(active);
        });
        judge(outage, silence + AFTER_LOSS, "cut from " + store);
        return cut[0];
    }

    private long outage(String what, boolean activeToo, Happening happening) throws Exception {
        began = System.nanoTime();
        return cluster.outage(what, activeToo, happening);
    }

    private void judge(long outage, long bound, String what) {
        long late = TimeUnit.MILLISECONDS.toNanos(outage - bound);
        long now = System.nanoTime();
        if (late >= 0
                && machine.filter(pulse -> pulse.explains(late, began, now)).isPresent()) {
            log.warn(
                    "{}: after a {} {} ms without a write, not judged: this machine was late itself",
                    kind,
                    what,
                    outage);
            return;
        }
        judgement.assertThat(outage).as("ms without a write after a " + what).isLessThan(bound);
    }

    /** Every write that was acknowledged is there. */
    void check() throws InterruptedException {
        cluster.stopAndCheck();
        judgement.assertAll();
    }

    @Override
    public void close() {
        machine.ifPresent(Pulse::close);
        cluster.close();
    }
}
