package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a caller is told of a fence, and of a write behind one, when the store has acted and its answer is lost. */
public final class FencedReplyRules {
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** How the answer is lost: the connection is reset while it is held back, or while it is under way. */
    private enum Way {
        HELD_BACK,
        SLOW;

        void begin(Link link, Trial trial) {
            if (this == HELD_BACK) {
                link.apply(Fault.LOSE_REPLIES);
            } else { // where a call asks first and acts then, the first answer must come
                link.delay(trial.requestTimeout().dividedBy(20));
            }
        }

        void end(Link link) {
            link.apply(Fault.RESET);
            link.heal();
        }
    }

    /** A write through a view is applied, and before its caller hears of it a successor raises the fence. */
    @Verifies(value = Rule.ER_03, parallel = true)
    public void anAppliedWriteIsNotCalledFenced(Trial trial) throws Exception {
        requireFencing(trial);
        Link link = trial.link();
        FencingBackend deposed = (FencingBackend) trial.open(link.options());
        FencingBackend successor = (FencingBackend) trial.open();
        List<String> kinds = Calls.storage(successor, "any").stream()
                .filter(call -> call.write() && !call.name().equals("fence"))
                .map(Calls.Call::name)
                .toList();
        boolean observed = false;
        long token = 1;
        for (Way way : Way.values()) {
            for (String kind : kinds) {
                String at = "fenced-" + way;
                put(successor, at + "/" + kind, "before");
                Backend view = deposed.fence(token);
                assertThat(get(view, at + "/" + kind))
                        .as("'%s/%s' through the view", at, kind)
                        .contains("before");
                observed |= isNotCalledFenced(trial, link, way, call(view, at, kind), at, successor, token + 1);
                awaitRecovery(trial, deposed);
                token += 2;
            }
        }
        if (!observed) {
            throw new UnverifiedException("no write through a view was applied before its caller heard of it");
        }
    }

    private static Calls.Call call(Backend view, String at, String kind) {
        return Calls.storage(view, at).stream()
                .filter(call -> call.name().equals(kind))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the view cannot " + kind));
    }

    /** Whether there was anything to see. */
    private static boolean isNotCalledFenced(
            Trial trial, Link link, Way way, Calls.Call call, String at, FencingBackend successor, long higher)
            throws Exception {
        BooleanSupplier applied = () -> !get(successor, at + "/" + call.name()).equals(Optional.of("before"));
        way.begin(link, trial);
        Pending<@Nullable Throwable> pending = Pending.call(trial, call.name(), () -> Calls.thrownBy(call));
        awaitEffect(trial, pending, applied);
        boolean before = applied.getAsBoolean();
        Backend unused = successor.fence(higher);
        boolean observed = before && !pending.isDone();
        way.end(link);
        Throwable thrown = pending.get(trial.requestTimeout().plus(GRACE));
        LostReplyRules.requireHonesty(
                call + " through a view, whose reply was lost (" + way + ") while a successor raised the fence,",
                applied.getAsBoolean(),
                thrown);
        return observed;
    }

    /** Where another client's lower token is refused, the fence was raised, whatever its raiser heard of it. */
    @Verifies(value = Rule.ER_03, parallel = true)
    public void aRaisedFenceIsNotCalledUnraised(Trial trial) throws Exception {
        requireFencing(trial);
        Link link = trial.link();
        FencingBackend raiser = (FencingBackend) trial.open(link.options());
        FencingBackend other = (FencingBackend) trial.open();
        boolean observed = false;
        long token = 1;
        for (Way way : Way.values()) {
            long lower = token;
            long higher = token + 1;
            Backend unused = raiser.fence(lower);
            BooleanSupplier raised = () -> refuses(other, lower);
            way.begin(link, trial);
            Pending<@Nullable Throwable> pending =
                    Pending.call(trial, "fence", () -> catchThrowable(() -> raiser.fence(higher)));
            awaitEffect(trial, pending, raised);
            observed |= raised.getAsBoolean() && !pending.isDone();
            way.end(link);
            Throwable thrown = pending.get(trial.requestTimeout().plus(GRACE));
            LostReplyRules.requireHonesty(
                    "fence(" + higher + ") whose reply was lost (" + way + "), by what fence(" + lower
                            + ") of another client came to,",
                    raised.getAsBoolean(),
                    thrown);
            awaitRecovery(trial, raiser);
            token += 2;
        }
        if (!observed) {
            throw new UnverifiedException("the fence was not raised before its raiser heard of it");
        }
    }

    private static void requireFencing(Trial trial) {
        if (!trial.declares(Capability.FENCING)) {
            throw new NotApplicableException("FENCING is not declared");
        }
    }

    /** Whether the fence stands higher than this; where it does not, this leaves it where it stands. */
    private static boolean refuses(FencingBackend backend, long standing) {
        try {
            Backend unused = backend.fence(standing);
            return false;
        } catch (BackendException.Fenced e) {
            return true;
        }
    }

    /** Waits until there is something to see; there may be nothing, where the call must hear from the store first. */
    private static void awaitEffect(Trial trial, Pending<?> call, BooleanSupplier effect) throws InterruptedException {
        long end = System.nanoTime() + trial.requestTimeout().dividedBy(2).toNanos();
        while (System.nanoTime() - end < 0 && !call.isDone() && !effect.getAsBoolean()) {
            Thread.sleep(1);
        }
    }

    private static void awaitRecovery(Trial trial, Backend backend) throws InterruptedException {
        trial.await(
                "the client whose connection was reset reads again",
                trial.requestTimeout().plusSeconds(5),
                () -> catchThrowable(() -> get(backend, "any")) == null);
    }
}
