package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.bytes;
import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Changing several keys at once. */
public final class CommitRules {
    private static final int COMMITS = 1_000;
    private static final int DISTURBED = 12;

    /** Puts and deletes, mixed, up to the most that is allowed. */
    @Verifies(value = Rule.KV_08, parallel = true)
    public void aCommitAppliesAllOfIt(Trial trial) {
        TransactionalBackend backend = (TransactionalBackend) trial.open();
        put(backend, "old", "1");
        put(backend, "dir/old", "1");
        backend.commit(List.of());
        backend.commit(List.of(mutation("new", "1"), delete("old"), mutation("a/b/c", "1"), delete("dir/old")));
        assertThat(backend.list(Prefix.ROOT)).as("after a mixed commit").containsExactly("a/", "new");
        assertThat(get(backend, "a/b/c")).as("a deep key of the commit").contains("1");
        int most = backend.limits().maxMutations();
        assertThat(most).as("maxMutations").isGreaterThanOrEqualTo(2);
        List<Mutation> full = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            full.add(mutation("many/sub-" + i + "/key", "v" + i));
        }
        backend.commit(full);
        assertThat(backend.list(Prefix.of("many/")))
                .as("a commit of maxMutations")
                .hasSize(most);
        backend.commit(full.stream()
                .<Mutation>map(put -> new Mutation.Delete(put.key()))
                .toList());
        assertThat(backend.list(Prefix.ROOT)).as("after deleting them in one").containsExactly("a/", "new");
    }

    /** What is refused applies nothing, wherever the fault stands. */
    @Verifies(value = Rule.KV_08, parallel = true)
    public void aRefusedCommitAppliesNothing(Trial trial) {
        TransactionalBackend backend = (TransactionalBackend) trial.open();
        int most = backend.limits().maxMutations();
        List<Mutation> tooMany = new ArrayList<>();
        for (int i = 0; i <= most; i++) {
            tooMany.add(mutation("many-" + i, "1"));
        }
        assertThat(Thrown.by(() -> backend.commit(tooMany)))
                .as("one more than maxMutations")
                .isInstanceOf(BackendException.LimitExceeded.class);
        Mutation oversize =
                new Mutation.Put(Entry.of(key("big"), new byte[backend.limits().maxValueBytes() + 1]));
        assertThat(Thrown.by(() -> backend.commit(List.of(mutation("first", "1"), oversize))))
                .as("an oversize value in second place")
                .isInstanceOf(BackendException.LimitExceeded.class);
        assertThat(Thrown.by(
                        () -> backend.commit(List.of(mutation("twice", "1"), mutation("x", "1"), delete("twice")))))
                .as("the same key twice")
                .isInstanceOf(BackendException.InvalidRequest.class)
                .hasMessageContaining("twice");
        assertThat(backend.list(Prefix.ROOT)).as("after refused commits").isEmpty();
    }

    /** Readers see all of a commit or none. */
    @Verifies(value = Rule.KV_08, parallel = true)
    public void readersSeeAllOfACommitOrNone(Trial trial) throws Exception {
        TransactionalBackend writer = (TransactionalBackend) trial.open();
        Backend reader = trial.open();
        AtomicBoolean done = new AtomicBoolean();
        trial.race(3, Duration.ofSeconds(50), number -> {
            if (number == 0) {
                for (int i = 1; i <= COMMITS; i++) {
                    writer.commit(List.of(mutation("left", "" + i), mutation("far/away/right", "" + i)));
                }
                done.set(true);
                return;
            }
            // Read first what was written last: a half-applied commit then shows as "right" behind "left".
            String first = number == 1 ? "left" : "far/away/right";
            String second = number == 1 ? "far/away/right" : "left";
            while (!done.get()) {
                int before = number(reader, first);
                int after = number(reader, second);
                assertThat(after)
                        .as("'%s' read after '%s' showed commit %d", second, first, before)
                        .isGreaterThanOrEqualTo(before);
            }
        });
        assertThat(number(reader, "left")).as("after " + COMMITS + " commits").isEqualTo(COMMITS);
    }

    /** Its reply is lost, or its connection, at any moment: afterwards there is all of it or nothing. */
    @Verifies(value = Rule.KV_08, parallel = true)
    public void aCommitOfUnknownOutcomeIsAllOrNothing(Trial trial) throws InterruptedException {
        Link link = trial.link();
        TransactionalBackend writer = (TransactionalBackend) trial.open(link.options());
        Backend witness = trial.open();
        writer.commit(List.of(mutation("left", "0"), mutation("far/away/right", "0")));
        int told = 0;
        for (int i = 1; i <= DISTURBED; i++) {
            boolean drop = i % 2 == 0;
            int counted = i;
            if (drop) {
                link.dropNextReply();
            }
            Pending<@Nullable Void> commit = Pending.call(trial, "commit", () -> {
                writer.commit(List.of(mutation("left", "" + counted), mutation("far/away/right", "" + counted)));
                return null;
            });
            if (!drop) {
                Thread.sleep(0, trial.random().nextInt(1_000_000));
                link.apply(Fault.RESET);
            }
            Throwable thrown = commit.failure(trial.requestTimeout().plusSeconds(1));
            link.heal();
            int left;
            int right;
            do { // the store may still be about to apply it, between one reading and the other; values only rise
                left = number(witness, "left");
                right = number(witness, "far/away/right");
            } while (number(witness, "left") != left);
            String what = "commit " + i + (drop ? ", whose reply was dropped," : ", whose connection was reset,")
                    + (thrown == null ? " returned" : " threw " + thrown);
            assertThat(right).as("the second key after %s", what).isEqualTo(left);
            if (thrown == null) {
                assertThat(left).as("the first key after %s", what).isEqualTo(i);
            } else {
                assertThat(thrown)
                        .as(what)
                        .isInstanceOfAny(BackendException.OutcomeUnknown.class, BackendException.Unavailable.class);
                told++;
            }
            Calls.recovers(trial, writer, "recovery", "after " + what);
        }
        if (told == 0) {
            throw new UnverifiedException("no commit of " + DISTURBED + " failed although each was disturbed");
        }
    }

    private static int number(Backend backend, String path) {
        return get(backend, path).map(Integer::parseInt).orElse(0);
    }

    private static Mutation mutation(String path, String value) {
        return new Mutation.Put(Entry.of(key(path), bytes(value)));
    }

    private static Mutation delete(String path) {
        return new Mutation.Delete(key(path));
    }
}
