package dev.holdfast.tck.history;

import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Decides whether answers of {@code holder()} fit the leases that there were (rule HA-08). */
public final class HolderChecker {
    /**
     * One answer.
     *
     * @param asker who asked
     * @param began before {@code holder()} was called
     * @param ended after it had returned
     * @param named what it returned
     */
    public record Answer(String asker, Key lock, long began, long ended, Optional<Holder> named) {
        private String describe() {
            return asker + " asked from " + Hold.at(began) + " to " + Hold.at(ended) + " and was told "
                    + named.map(holder -> holder.value() + ", token " + holder.token())
                            .orElse("that the lock is free");
        }
    }

    private HolderChecker() {}

    /**
     * An answer that cannot be right.
     *
     * @param history the leases; each contender's value is its name, and none was ever won without being recorded
     */
    public static Optional<String> wrongAnswer(Collection<Hold> history, List<Answer> answers) {
        return answers.stream()
                .flatMap(answer -> wrong(history, answer)
                        .map(problem ->
                                "holder() of lock '" + answer.lock() + "' " + problem + ":\n  " + answer.describe())
                        .stream())
                .findFirst();
    }

    /** How many answers fell wholly into the time of one certain holder, so that only one of all answers was right. */
    public static long decided(Collection<Hold> history, List<Answer> answers) {
        return answers.stream()
                .filter(answer -> current(history, answer).isPresent())
                .count();
    }

    private static Optional<Hold> current(Collection<Hold> history, Answer answer) {
        return history.stream()
                .filter(hold ->
                        hold.lock().equals(answer.lock()) && hold.coversCertainly(answer.began(), answer.ended()))
                .findFirst();
    }

    private static Optional<String> wrong(Collection<Hold> history, Answer answer) {
        Optional<Hold> current = history.stream()
                .filter(hold ->
                        hold.lock().equals(answer.lock()) && hold.coversCertainly(answer.began(), answer.ended()))
                .findFirst();
        if (current.isPresent() && !names(answer, current.get())) {
            return Optional.of("did not name the holder\n  " + current.get().describe());
        }
        if (answer.named().isEmpty()) {
            return Optional.empty();
        }
        Holder named = answer.named().get();
        Optional<Hold> lease = history.stream()
                .filter(hold -> hold.lock().equals(answer.lock()) && hold.token() == named.token())
                .findFirst();
        if (lease.isEmpty()) {
            return Optional.of("named a token that nobody was ever given");
        }
        Hold hold = lease.get();
        if (!names(answer, hold)) {
            return Optional.of("gave the value of one contender with the token of another\n  " + hold.describe());
        }
        if (hold.released() < answer.began()) {
            return Optional.of("named a past holder\n  " + hold.describe());
        }
        return hold.asked() > answer.ended()
                ? Optional.of("named a lease before it was asked for\n  " + hold.describe())
                : Optional.empty();
    }

    private static boolean names(Answer answer, Hold hold) {
        return answer.named().equals(Optional.of(new Holder(hold.contender(), hold.token())));
    }
}
