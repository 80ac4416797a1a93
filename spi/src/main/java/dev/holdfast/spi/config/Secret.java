package dev.holdfast.spi.config;

/** A string that must not be shown: {@link #toString()} hides it, also inside other values and messages. */
public final class Secret {
    private final String value;

    /** @param value the secret itself */
    public Secret(String value) {
        this.value = value;
    }

    /** The secret itself, for the one call that needs it. */
    public String reveal() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
