package dev.holdfast.spi;

import java.util.Random;

/** Random texts for properties of keys, their order and their length. */
public final class Texts {
    /** Where encodings change their length or their order, and what separates segments. */
    private static final int[] CORNERS = {
        '!', '.', '/', '0', 'a', 'b', 0x7E, 0xA0, 0xE9, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFF5E, 0xFFFD, 0x10000, 0x1F600,
        0x10FFFF
    };

    private Texts() {}

    /** Up to {@code length} code points, mostly from the corners, none of them a control character or a surrogate. */
    public static String random(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(length + 1); i > 0; i--) {
            text.appendCodePoint(CORNERS[random.nextInt(CORNERS.length)]);
        }
        return text.toString();
    }

    /** One segment of a key, never empty and never dots alone. */
    public static String segment(Random random) {
        return "s" + random(random, 4).replace('/', '-');
    }
}
