package dev.holdfast.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final List<String> ran = new ArrayList<>();
    private final List<Runnable> later = new ArrayList<>();

    private boolean take(Turns turns, String name, Runnable more) {
        return turns.take(
                later::add,
                () -> {
                    ran.add(name);
                    more.run();
                },
                failure -> ran.add(name + " rejected"));
    }

    @Test
    void whoFindsNoneFreeComesLaterInOrderAndTooManyAreTurnedAway() {
        Turns turns = new Turns(1, 2);
        assertThat(take(turns, "first", () -> {
                    assertThat(take(turns, "second", () -> {})).isTrue();
                    assertThat(take(turns, "third", () -> {})).isTrue();
                    assertThat(take(turns, "one too many", () -> {})).isFalse();
                    assertThat(later).isEmpty();
                }))
                .isTrue();
        assertThat(ran).containsExactly("first");
        later.remove(0).run();
        later.remove(0).run();
        assertThat(ran).containsExactly("first", "second", "third");
        assertThat(later).isEmpty();
        assertThat(take(turns, "fourth", () -> {})).isTrue();
        assertThat(ran).endsWith("fourth");
    }

    @Test
    void aTurnThatFailsOrIsNotTakenIsFreeAgain() {
        Turns turns = new Turns(1, 1);
        try {
            take(turns, "fails", () -> {
                turns.take(
                        task -> {
                            throw new RejectedExecutionException("stopped");
                        },
                        () -> ran.add("never"),
                        failure -> ran.add("rejected"));
                throw new IllegalStateException("on purpose");
            });
        } catch (IllegalStateException e) {
            ran.add("failed");
        }
        assertThat(ran).containsExactly("fails", "rejected", "failed");
        assertThat(take(turns, "next", () -> {})).isTrue();
        assertThat(ran).endsWith("next");
    }

    /** Or its client would wait for an answer for ever. */
    @Test
    void whoseTurnFailsInALaterThreadIsTold() {
        Turns turns = new Turns(1, 1);
        take(
                turns,
                "first",
                () -> take(turns, "second", () -> {
                    throw new LinkageError("on purpose");
                }));
        assertThatThrownBy(later.remove(0)::run).isInstanceOf(LinkageError.class);
        assertThat(ran).containsExactly("first", "second", "second rejected");
        assertThat(take(turns, "third", () -> {})).isTrue();
        assertThat(ran).endsWith("third");
    }
}
