package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.util.List;

/** Where the fence stands. */
public final class FenceHeightRules {
    /** Only up. */
    @Verifies(value = Rule.FN_04, parallel = true)
    public void theFenceIsNeverLowered(Trial trial) {
        FencingBackend first = (FencingBackend) trial.open();
        FencingBackend second = (FencingBackend) trial.open();
        Backend view = first.fence(10);
        FencingRules.prepare(view);
        standsAt(first, second, view, 10, "it was raised");
        for (long wrong : new long[] {0, -1, Long.MIN_VALUE}) {
            assertThat(Thrown.by(() -> second.fence(wrong)))
                    .as("fence(%d)", wrong)
                    .isInstanceOf(BackendException.InvalidRequest.class);
        }
        standsAt(first, second, view, 10, "tokens below 1 were refused");
        for (String name : List.of("put", "delete", "commit", "commit/deleted")) {
            first.delete(key(name));
        }
        for (String name : first.list(Prefix.ROOT)) {
            first.delete(key(name));
        }
        assertThat(first.list(Prefix.ROOT))
                .as("the listing after every entry was deleted")
                .isEmpty();
        standsAt(first, second, view, 10, "every entry was deleted");
        Backend highest = second.fence(Long.MAX_VALUE);
        standsAt(second, first, highest, Long.MAX_VALUE, "it was raised to the highest token there is");
    }

    /** The one who raised it leaves, with its lease. */
    @Verifies(value = Rule.FN_04, parallel = true)
    public void theFenceOutlivesWhoeverRaisedIt(Trial trial) throws Exception {
        FencingBackend owner = (FencingBackend) trial.open();
        FencingBackend other = (FencingBackend) trial.open();
        long token = 100;
        if (owner instanceof HABackend able && able.haEnabled()) {
            Key lock = key("lock");
            for (int i = 0; i < 3; i++) {
                able.lock(lock, "owner").acquire().release();
            }
            Lease lease = able.lock(lock, "owner").acquire();
            token = lease.token();
        }
        Backend view = owner.fence(token);
        put(view, "put", "current");
        owner.close();
        if (token > 1) {
            long lower = token - 1;
            assertThat(Thrown.by(() -> other.fence(lower)))
                    .as(
                            "fence(%d) after the client which had raised it to %d was closed, its lease included",
                            lower, token)
                    .isInstanceOf(BackendException.Fenced.class);
        }
        put(other.fence(token), "put", "next");
        assertThat(get(other, "put"))
                .as("what was put through a view with the same token")
                .contains("next");
    }

    /** An answer that was lost does not keep the owner from asking again. */
    @Verifies(value = Rule.FN_04, parallel = true)
    public void aFenceWhoseReplyWasLostCanBeRaisedAgain(Trial trial) throws Exception {
        Link link = trial.link();
        FencingBackend cut = (FencingBackend) trial.open(link.options());
        FencingBackend other = (FencingBackend) trial.open();
        put(cut.fence(5), "put", "first");
        link.apply(Fault.LOSE_REPLIES);
        Throwable thrown = Thrown.by(() -> cut.fence(6));
        assertThat(thrown)
                .as("fence(6) whose reply was lost")
                .isInstanceOfAny(BackendException.OutcomeUnknown.class, BackendException.Unavailable.class);
        link.heal();
        trial.await(
                "the client that was cut off reads again",
                trial.requestTimeout().plusSeconds(5),
                () -> catchThrowable(() -> get(cut, "put")) == null);
        Backend view = cut.fence(6);
        FencingRules.prepare(view);
        standsAt(cut, other, view, 6, "its reply was lost and it was raised again");
    }

    /** A store that keeps its data keeps its fence. */
    @Verifies(Rule.FN_04)
    public void theFenceOutlivesARestartOfTheStore(Trial trial) throws Exception {
        if (!trial.declares(Capability.DURABLE)) {
            throw new NotApplicableException("DURABLE is not declared");
        }
        StoreControl control = trial.control();
        FencingBackend before = (FencingBackend) trial.open();
        FencingRules.prepare(before.fence(10));
        control.restart();
        FencingBackend after = (FencingBackend) trial.open();
        FencingBackend other = (FencingBackend) trial.open();
        standsAt(after, other, after.fence(10), 10, "the store was restarted");
    }

    /** Whether the fence stands exactly here, seen through two clients and the view that belongs to it. */
    private static void standsAt(FencingBackend one, FencingBackend other, Backend view, long token, String after) {
        for (FencingBackend client : List.of(one, other)) {
            assertThat(Thrown.by(() -> client.fence(token - 1)))
                    .as("fence(%d) after %s, with the fence at %d", token - 1, after, token)
                    .isInstanceOf(BackendException.Fenced.class);
        }
        put(view, "put", "by its owner");
        Backend again = other.fence(token);
        put(again, "put", "by an equal");
        put(view, "delete", "by its owner");
        assertThat(get(one, "put"))
                .as("what a second view with token %d put after %s", token, after)
                .contains("by an equal");
        assertThat(get(one, "delete"))
                .as("what the first view put after the fence was raised to the same token %d again", token)
                .contains("by its owner");
    }
}
