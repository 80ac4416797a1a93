package dev.holdfast.tck.rules;

import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** What a call that must fail throws: where it does not, a failure says so, and not that something was null. */
final class Thrown {
    private Thrown() {}

    static Throwable by(ThrowingCallable call) {
        return orNothing(Assertions.catchThrowable(call));
    }

    static Throwable orNothing(@Nullable Throwable thrown) {
        return thrown == null ? new Nothing() : thrown;
    }

    private static final class Nothing extends Throwable {
        private static final long serialVersionUID = 1;

        Nothing() {
            super("the call returned as if all were well", null, false, false);
        }
    }
}
