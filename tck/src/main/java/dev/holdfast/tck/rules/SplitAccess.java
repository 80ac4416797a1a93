package dev.holdfast.tck.rules;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.Map;

/** One node's way to one store of a pair, which the check can disturb. */
interface SplitAccess {
    /** The node's client. */
    Backend client();

    /** From now on the store cannot be reached. */
    void cut(Fault how);

    /** What is sent from now on arrives late: after this time, or once {@link #heal} was called. */
    void delay(Duration late);

    /** What is sent from now on arrives once {@link #heal} was called. */
    void hold();

    /** Whether what is held back arrives after {@link #heal}, even when its caller has given up, as TCP would have it. */
    boolean arrivesOnceHealed();

    /** Ends every disturbance. */
    void heal();

    /** Through a link of the harness. */
    record Linked(Backend client, Link link) implements SplitAccess {
        static Linked of(Trial trial, Harness harness, String node, Map<String, String> options) {
            Link link = trial.keep(trial.timeline().watch(harness.link(options), node));
            return new Linked(trial.keep(Backends.load().open(harness.type(), link.options())), link);
        }

        @Override
        public void cut(Fault how) {
            link.apply(how);
        }

        @Override
        public void delay(Duration late) {
            link.delay(late);
        }

        @Override
        public void hold() {
            link.apply(Fault.BLACK_HOLE);
        }

        @Override
        public boolean arrivesOnceHealed() {
            return link.traffic().toStore() > 0; // bytes; a link without any may lose what it holds back
        }

        @Override
        public void heal() {
            link.heal();
        }
    }

    /** Through a gate before the client: for a store that the harness knows nothing of. */
    record Gated(Gate client) implements SplitAccess {
        static Gated of(Trial trial, String type, Map<String, String> options, Duration requestTimeout) {
            return new Gated(new Gate(trial.keep(Backends.load().open(type, options)), requestTimeout));
        }

        @Override
        public void cut(Fault how) {
            client.shut();
        }

        @Override
        public void delay(Duration late) {
            client.hold();
        }

        @Override
        public void hold() {
            client.hold();
        }

        @Override
        public boolean arrivesOnceHealed() {
            return false;
        }

        @Override
        public void heal() {
            client.open();
        }
    }
}
