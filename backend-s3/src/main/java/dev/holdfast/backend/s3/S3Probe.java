package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.backend.s3.S3Client.Lane;
import dev.holdfast.backend.s3.S3Quirks.Form;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Tries out what a store makes of conditional requests, with objects of its own. That they are known is not enough: some
 * stores accept the headers and ignore them, or check first and write later. A store that ignores them, or checks when a
 * write begins, is always found out. One with a moment between check and write is when the moment is hit: S3Proxy 3.3.0 was
 * found out in 47 of 50 openings with one kind of memory for its objects, and in 49 of 50 with the other.
 */
final class S3Probe {
    private static final int RACERS = 8;

    /** Enough where a moment between check and write need not be hit. */
    private static final int FEW_RACERS = 2;

    /** The longer it takes to take in what is written, the longer the time between a check and a write. */
    private static final int PADDING = 16 << 10;

    private static final String NEVER = "\"00000000000000000000000000000000\"";

    /** How often many create one object at once: again as long as that is cheap. */
    private static final int MOST_RACES = 12;

    private static final Duration CHEAP = Duration.ofMillis(300);

    private final S3Objects objects;
    private final S3Keys keys;
    private final List<String> made = new CopyOnWriteArrayList<>();
    private final String object;
    private final String absent;
    private final LongSupplier end;
    private final boolean full;
    private final int racers;
    private final String padding;

    /**
     * One probe.
     *
     * @param full whether to look for a moment between check and write, which takes about a hundred requests more
     * @param end by when a request that begins now must be over; the probe as a whole takes what it takes
     */
    S3Probe(S3Objects objects, S3Keys keys, boolean full, LongSupplier end) {
        this.objects = objects;
        this.keys = keys;
        this.full = full;
        this.racers = full ? RACERS : FEW_RACERS;
        this.padding = full ? " ".repeat(PADDING) : "";
        this.object = fresh();
        this.absent = fresh();
        this.end = end;
    }

    /** An object that is not there yet, and will not be when the probe is over. */
    private String fresh() {
        String name = keys.probe();
        made.add(name);
        return name;
    }

    /** A store that lacks something; ends the probe. */
    private static final class Finding extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Finding(String problem) {
            super(problem, null, false, false);
        }
    }

    /** One of those who wrote at once; {@code unknown} when the store did not say what became of it. */
    private record Racer(String text, boolean won, boolean unknown) {}

    /** The winner of a race: what it wrote, and its ETag. */
    private record Winner(String text, String etag) {}

    /** Fails when the store could not be asked. */
    CompletableFuture<S3Quirks> run() {
        return race(object, "create", null, Form.QUOTED)
                .thenCompose(this::matchForm)
                .thenCompose(checked -> races(1, System.nanoTime()).thenApply(done -> checked))
                .thenCompose(checked -> overtake(absent, null, Form.QUOTED).thenApply(created -> checked))
                .thenCompose(this::noneMatchForm)
                .exceptionallyCompose(this::conclude)
                .whenComplete((quirks, failure) -> {
                    for (String each : made) {
                        var unused = objects.delete(Lane.LOCKS, each, end.getAsLong());
                    }
                });
    }

    /** One race after the other, because a moment between check and write is not hit each time. */
    private CompletableFuture<@Nullable Void> races(int run, long began) {
        boolean dear = System.nanoTime() - began > CHEAP.toNanos();
        return !full || run >= MOST_RACES || (dear && run > 1)
                ? CompletableFuture.completedFuture(null)
                : race(fresh(), "create", null, Form.QUOTED).thenCompose(winner -> races(run + 1, began));
    }

    /** What a trial that broke off has found out; when that is nothing about the store, the trial has failed. */
    private CompletableFuture<S3Quirks> conclude(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Finding || cause instanceof S3Failures.NoETag) {
            return CompletableFuture.completedFuture(
                    S3Quirks.unusable("conditional writes do not work in this store: " + cause.getMessage()));
        }
        Throwable told = cause;
        S3Quirks refusing =
                S3Quirks.unusable("this store refuses conditional writes: it answers " + S3Errors.answer(told));
        if (S3Errors.isNotImplemented(told)) {
            return CompletableFuture.completedFuture(refusing);
        }
        return S3Errors.isDisliked(told)
                ? dislikesConditions()
                        .thenCompose(always -> always
                                ? CompletableFuture.completedFuture(refusing)
                                : CompletableFuture.failedFuture(told))
                : CompletableFuture.failedFuture(told);
    }

    /**
     * Whether it is for its condition that a write was refused, and not for one of the many other reasons that a store has
     * for the same answer, of which most pass: without one it must succeed, and with one be refused again.
     */
    private CompletableFuture<Boolean> dislikesConditions() {
        String where = fresh();
        return objects.put(Lane.LOCKS, where, text("no condition"), end.getAsLong())
                .thenCompose(put -> dislikes(where, S3Objects.etag(put.eTag())))
                .thenCompose(match -> match ? CompletableFuture.completedFuture(true) : dislikes(fresh(), null))
                .exceptionally(failure -> false);
    }

    private CompletableFuture<Boolean> dislikes(String where, @Nullable String etag) {
        return objects.swap(where, etag, Form.QUOTED, text("condition"), end.getAsLong())
                .handle((done, failure) -> failure != null && S3Errors.isDisliked(failure));
    }

    /**
     * Several writers with one condition, of whom no two may win; and what the winner wrote must stand. They wait for each
     * other before the last byte, so that they arrive as much at once as can be. A loser may be
     * told that something went wrong, as Ceph does now and then.
     */
    private CompletableFuture<Winner> race(String where, String what, @Nullable String etag, Form form) {
        List<CompletableFuture<Racer>> running = new ArrayList<>();
        List<S3Http.Pause> line =
                Stream.generate(S3Http.Pause::new).limit(racers).toList();
        S3Call.whenDone(
                CompletableFuture.allOf(line.stream().map(S3Http.Pause::reached).toArray(CompletableFuture<?>[]::new)),
                (reached, failure) -> line.forEach(S3Http.Pause::end));
        for (int i = 0; i < racers; i++) {
            String text = "holdfast probe " + what + " " + i + padding;
            running.add(objects.swap(where, etag, form, text.getBytes(US_ASCII), end.getAsLong(), line.get(i))
                    .thenApply(won -> new Racer(text, won.isPresent(), false))
                    .exceptionally(failure -> {
                        if (S3Errors.isConfused(failure)) {
                            return new Racer(text, false, true);
                        }
                        throw new CompletionException(failure);
                    }));
        }
        return CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new))
                .thenCompose(done -> objects.get(Lane.LOCKS, where, end.getAsLong()))
                .thenApply(found ->
                        winner(running.stream().map(CompletableFuture::join).toList(), condition(etag), found));
    }

    private static Winner winner(
            List<Racer> racers, String condition, Optional<ResponseBytes<GetObjectResponse>> found) {
        long winners = racers.stream().filter(Racer::won).count();
        boolean unknown = racers.stream().anyMatch(Racer::unknown);
        if (winners > 1 || (winners == 0 && !unknown)) {
            throw new Finding("of " + racers.size() + " simultaneous writes with " + condition + ", " + winners
                    + " succeeded instead of one");
        }
        String stands = found.map(ResponseBytes::asUtf8String).orElse("");
        if (racers.stream().noneMatch(racer -> racer.text().equals(stands) && (racer.won() || winners == 0))) {
            throw new Finding("what the one successful write with " + condition + " wrote is not what stands");
        }
        return new Winner(stands, S3Objects.etag(found.orElseThrow().response().eTag()));
    }

    /** Finds out how an ETag must be written, and that a wrong one, or one of an object that is gone, is refused. */
    private CompletableFuture<Checked> matchForm(Winner created) {
        return matches(created, Form.QUOTED)
                .thenCompose(quoted ->
                        quoted.isPresent() ? CompletableFuture.completedFuture(quoted) : matches(created, Form.BARE))
                .thenCompose(found -> {
                    Checked checked = found.orElseThrow(
                            () -> new Finding("If-Match with the object's own ETag is refused, quoted or not"));
                    return mustFail("a wrong ETag", object, NEVER, checked.form())
                            .thenCompose(done ->
                                    mustFail("an ETag that was replaced", object, created.etag(), checked.form()))
                            .thenCompose(done -> mustFail("an absent object", absent, checked.etag(), checked.form()))
                            .thenCompose(done -> race(object, "replace", checked.etag(), checked.form()))
                            .thenCompose(winner -> overtake(object, winner.etag(), checked.form()))
                            .thenApply(etag -> new Checked(checked.form(), etag));
                });
    }

    /**
     * Two writes with one condition, of which the second begins and ends while the first one's body is still on its way.
     * Who checks the condition when a write begins lets both succeed, each time; that is a race lost without any racing.
     *
     * @return the ETag of the object then
     */
    private CompletableFuture<String> overtake(String where, @Nullable String etag, Form form) {
        S3Http.Pause pause = new S3Http.Pause();
        CompletableFuture<Optional<String>> slow = objects.swap(where, etag, form, text("slow"), end.getAsLong(), pause)
                .exceptionally(failure -> {
                    if (S3Errors.isConfused(failure)) {
                        return Optional.empty();
                    }
                    throw new CompletionException(failure);
                });
        CompletableFuture<Optional<String>> quick =
                pause.reached().thenCompose(reached -> objects.swap(where, etag, form, text("quick"), end.getAsLong()));
        S3Call.whenDone(quick, (done, failure) -> pause.end());
        return quick.thenCombine(slow, (second, first) -> {
            if (first.isPresent() && second.isPresent()) {
                throw new Finding("a write with " + condition(etag)
                        + " succeeded although another one had changed the object while it was under way");
            }
            return first.or(() -> second)
                    .orElseThrow(() -> new Finding("of two writes with " + condition(etag)
                            + ", one of them quicker than the other, none succeeded"));
        });
    }

    private static byte[] text(String what) {
        return ("holdfast probe " + what).getBytes(US_ASCII);
    }

    private static String condition(@Nullable String etag) {
        return etag == null ? "If-None-Match: *" : "one If-Match";
    }

    private record Checked(Form form, String etag) {}

    private CompletableFuture<Optional<Checked>> matches(Winner created, Form form) {
        byte[] text = ("holdfast probe match " + form).getBytes(US_ASCII);
        return objects.swap(object, created.etag(), form, text, end.getAsLong())
                .thenApply(written -> written.map(etag -> new Checked(form, etag)));
    }

    private CompletableFuture<@Nullable Void> mustFail(String what, String where, String etag, Form form) {
        return objects.swap(where, etag, form, "holdfast probe ignored".getBytes(US_ASCII), end.getAsLong())
                .thenApply(written -> {
                    if (written.isPresent()) {
                        throw new Finding("a write with If-Match and " + what + " succeeded");
                    }
                    return null;
                });
    }

    private CompletableFuture<S3Quirks> noneMatchForm(Checked checked) {
        return unchanged(checked.etag(), Form.QUOTED)
                .thenCompose(quoted -> quoted
                        ? CompletableFuture.completedFuture(Optional.of(Form.QUOTED))
                        : unchanged(checked.etag(), Form.BARE)
                                .thenApply(bare -> bare ? Optional.of(Form.BARE) : Optional.<Form>empty()))
                .thenApply(form -> new S3Quirks(checked.form(), form, Optional.empty()));
    }

    private CompletableFuture<Boolean> unchanged(String etag, Form form) {
        return objects.getIfChanged(object, etag, form, end.getAsLong()).thenApply(reading -> !reading.changed());
    }
}
