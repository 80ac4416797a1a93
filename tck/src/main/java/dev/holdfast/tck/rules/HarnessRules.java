package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Refusal;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Whether the harness can be trusted. */
public final class HarnessRules {
    /** Closing one client must leave the other alone. */
    @Verifies(Rule.H_01)
    public void closingOneClientLeavesTheOtherAlone(Trial trial) {
        Backend first = trial.open();
        Backend second = trial.open();
        assertThat(second).as("the second open gave the same object").isNotSameAs(first);
        put(first, "shared", "1");
        first.close();
        assertThat(get(second, "shared")).as("get through the second client").contains("1");
        put(second, "shared", "2");
        assertThat(get(trial.open(), "shared")).as("get through a third client").contains("2");
    }

    /** Two clients must not be one session. */
    @Verifies(Rule.H_01)
    public void twoClientsExcludeEachOther(Trial trial) throws InterruptedException {
        if (!trial.declares(Capability.LOCKS)) {
            throw new NotApplicableException("LOCKS is not declared");
        }
        HABackend first = trial.openHA();
        HABackend second = trial.openHA();
        long start = System.nanoTime();
        Lease lease = first.lock(key("lock"), "same").acquire();
        HALock rival = second.lock(key("lock"), "same");
        assertThat(rival.tryAcquire(Duration.ZERO))
                .as("a second client got the lock that the first one holds")
                .isEmpty();
        second.close();
        assertThat(lease.isHeld())
                .as("the first client's lease after the second was closed")
                .isTrue();
        Optional<Lease> third = trial.openHA().lock(key("lock"), "same").tryAcquire(Duration.ZERO);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        if (third.isPresent()
                && !lease.isHeld()
                && took.compareTo(trial.lockTtl().dividedBy(2)) > 0) {
            throw new UnverifiedException("this machine is too busy: the first client's lease ended, but opening two"
                    + " clients and asking twice took " + took.toMillis() + " ms");
        }
        assertThat(third)
                .as("a third client got the lock after the second was closed")
                .isEmpty();
    }

    /** Cutting one client's link must leave the others alone, each kind of cut at the same time. */
    @Verifies(Rule.H_03)
    public void aCutHitsItsClientAndNoOther(Trial trial) throws Exception {
        Backend other = trial.open();
        put(other, "present", "yes");
        Fault[] faults = Fault.values();
        trial.race(
                faults.length,
                trial.requestTimeout().multipliedBy(2).plusSeconds(20),
                number -> cut(trial, faults[number], other));
        assertThat(get(other, "present"))
                .as("get through another client after all faults")
                .contains("yes");
    }

    private static void cut(Trial trial, Fault fault, Backend other) throws InterruptedException {
        Link link = trial.link();
        Backend cut = trial.open(link.options());
        assertThat(get(cut, "present"))
                .as("get through the link before " + fault)
                .contains("yes");
        link.apply(fault);
        Optional<String> seen = Optional.empty();
        try {
            seen = get(cut, "present");
        } catch (BackendException.Unavailable e) {
            // as it must be
        }
        assertThat(seen).as("get through a link with " + fault).isEmpty();
        assertThat(get(other, "present"))
                .as("get through another client during " + fault)
                .contains("yes");
        link.heal();
        Duration bound = trial.requestTimeout().plusSeconds(5);
        trial.await("get works again after " + fault, bound, () -> answers(cut));
    }

    /** Pausing the store stops it, resuming lets it go on, and what was asked in between is answered. */
    @Verifies(Rule.H_03)
    public void aPausedStoreDoesNotAnswer(Trial trial) throws Exception {
        if (trial.harness().control().isEmpty()) {
            throw new NotApplicableException("the harness does not say that it can");
        }
        StoreControl control = trial.control();
        Backend client = trial.open();
        put(client, "present", "yes");
        control.pause();
        try {
            assertThat(answers(client))
                    .as("the store answered a get while it was paused")
                    .isFalse();
        } finally {
            control.resume();
        }
        trial.await("get works again", trial.requestTimeout().plusSeconds(5), () -> answers(client));
        control.restart();
        trial.await("get works after a restart", trial.requestTimeout().plusSeconds(5), () -> answers(client));
        control.pause();
        Pending<Optional<String>> met;
        try {
            met = Pending.call(trial, "put", () -> {
                put(client, "present", "again");
                return get(client, "present");
            });
            met.awaitBlocked();
        } finally {
            control.resume();
        }
        assertThat(met.get(trial.requestTimeout().plusSeconds(5)))
                .as("get after a put that met a store which was paused for a moment")
                .contains("again");
    }

    private static boolean answers(Backend client) {
        try {
            return get(client, "present").isPresent();
        } catch (BackendException.Unavailable e) {
            return false;
        }
    }

    /** A namespace starts empty and is seen by nobody else. */
    @Verifies(Rule.H_02)
    public void namespacesStartEmptyAndApart(Trial trial) throws InterruptedException {
        Backend here = trial.open();
        assertThat(here.list(Prefix.ROOT)).as("a fresh namespace").isEmpty();
        put(here, "mine", "1");
        put(here, "deep/mine", "1");
        // Beside it, with this one's name as a prefix of its own: a missing separator would mix them up.
        for (String suffix : List.of("-beside", "0")) {
            Backend beside = trial.openElsewhere(suffix);
            assertThat(beside.list(Prefix.ROOT))
                    .as("namespace '…" + suffix + "' beside the one written to")
                    .isEmpty();
            assertThat(get(beside, "mine")).as("a key of another namespace").isEmpty();
            put(beside, "mine", "2");
            beside.delete(key("deep/mine"));
            if (beside instanceof HABackend ha && ha.haEnabled()) {
                assertThat(ha.lock(key("lock"), "beside").tryAcquire(Duration.ZERO))
                        .as("its own lock")
                        .isPresent();
                HABackend other = trial.openHA();
                assertThat(other.lock(key("lock"), "here").holder())
                        .as("holder in this namespace")
                        .isEmpty();
            }
            if (beside instanceof FencingBackend fencing
                    && beside.capabilities().contains(Capability.FENCING)) {
                Backend unused = fencing.fence(1_000_000);
            }
        }
        assertThat(get(here, "mine"))
                .as("a value after others wrote the same key elsewhere")
                .contains("1");
        assertThat(get(here, "deep/mine"))
                .as("a value after others deleted the same key elsewhere")
                .contains("1");
        if (here instanceof FencingBackend fencing && here.capabilities().contains(Capability.FENCING)) {
            put(fencing.fence(1), "mine", "3"); // refused if the fence of another namespace counted here
        }
    }

    /** The declaration agrees with what the harness expects, the types and the behaviour. */
    @Verifies(Rule.H_04)
    public void declaredCapabilitiesAreTheRealOnes(Trial trial) throws InterruptedException {
        Backend backend = trial.open();
        trial.harness()
                .expectedCapabilities()
                .ifPresent(expected -> assertThat(backend.capabilities())
                        .as("declared capabilities")
                        .containsExactlyInAnyOrderElementsOf(expected));
        for (Capability capability : Capability.values()) {
            if (backend.capabilities().contains(capability)) {
                use(backend, capability);
            } else {
                assertThat(Refusal.problem(backend, capability))
                        .as("refusal of " + capability)
                        .isEmpty();
            }
        }
        boolean enabled = backend instanceof HABackend ha && ha.haEnabled();
        assertThat(enabled)
                .as("haEnabled() against the declaration of LOCKS")
                .isEqualTo(backend.capabilities().contains(Capability.LOCKS));
        assertThat(trial.open().capabilities())
                .as("capabilities of a second client")
                .isEqualTo(backend.capabilities());
    }

    private static void use(Backend backend, Capability capability) throws InterruptedException {
        String what = capability + " is declared";
        switch (capability) {
            case LINEARIZABLE_READS, DURABLE -> {} // KV-07 and KV-09
            case TRANSACTIONS -> {
                assertThat(backend).as(what).isInstanceOf(TransactionalBackend.class);
                ((TransactionalBackend) backend).commit(List.of(new Mutation.Delete(key("absent"))));
            }
            case FENCING -> {
                assertThat(backend).as(what).isInstanceOf(FencingBackend.class);
                put(((FencingBackend) backend).fence(1), "fenced", "1");
            }
            case LOCKS -> {
                assertThat(backend).as(what).isInstanceOf(HABackend.class);
                ((HABackend) backend).lock(key("lock"), "kit").acquire().release();
            }
            case WATCHES -> // the rest is HA-09
                assertThat(backend.capabilities()).as(what).contains(Capability.LOCKS);
        }
    }
}
