package dev.holdfast.spi;

/** A string that is no {@link Key} or {@link Prefix}. Nothing was sent to a store. */
public final class InvalidKeyException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 120;

    private final String input;

    InvalidKeyException(String what, String input, String problem) {
        super("'" + visible(input) + "' is not a valid " + what + ": " + problem);
        this.input = input;
    }

    /** The refused string, exactly as it was given. */
    public String input() {
        return input;
    }

    private static String visible(String input) {
        String cut = input.length() <= SHOWN ? input : input.substring(0, SHOWN) + "…";
        StringBuilder shown = new StringBuilder(cut.length());
        cut.chars().forEach(c -> {
            if (Character.isISOControl(c) || Character.isSurrogate((char) c)) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.append((char) c);
            }
        });
        return shown.toString();
    }
}
