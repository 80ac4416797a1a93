package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.TransactionalBackend;
import java.util.List;
import java.util.Optional;

/** Whether an undeclared capability is refused as documented: no interface, or {@code InvalidRequest} naming it. */
public final class Refusal {
    private Refusal() {}

    /** What is wrong with the refusal; empty when it is as documented. */
    public static Optional<String> problem(Backend backend, Capability undeclared) {
        return switch (undeclared) {
            // promises about existing calls: nothing to refuse
            case LINEARIZABLE_READS, DURABLE, WATCHES -> Optional.empty();
            case TRANSACTIONS ->
                backend instanceof TransactionalBackend able
                        ? refusal(
                                undeclared,
                                "commit",
                                () -> able.commit(List.of(new dev.holdfast.spi.Mutation.Delete(Key.of("refusal")))))
                        : Optional.empty();
            case FENCING ->
                backend instanceof FencingBackend able
                        ? refusal(undeclared, "fence", () -> able.fence(1))
                        : Optional.empty();
            case LOCKS ->
                backend instanceof HABackend able
                        ? refusal(undeclared, "lock", () -> able.lock(Key.of("refusal"), "kit"))
                        : Optional.empty();
        };
    }

    private static Optional<String> refusal(Capability undeclared, String call, Runnable attempt) {
        try {
            attempt.run();
        } catch (BackendException.InvalidRequest e) {
            return String.valueOf(e.getMessage()).contains(undeclared.name())
                    ? Optional.empty()
                    : Optional.of("the refusal of " + call + " does not name " + undeclared + ": " + e.getMessage());
        } catch (RuntimeException e) {
            return Optional.of(call + " was refused with " + e + " instead of InvalidRequest");
        }
        return Optional.of(undeclared + " is not declared, yet " + call + " was not refused");
    }
}
