package dev.holdfast.tck;

import java.util.Map;

/** A harness without code: a type and the options that reach a store which is already there. */
record OptionsHarness(String type, Map<String, String> options) implements Harness {
    OptionsHarness {
        options = Map.copyOf(options);
    }

    @Override
    public String store() {
        return "store given by options";
    }
}
