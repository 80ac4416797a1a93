package dev.holdfast.server.config;

import java.util.List;

/** What a file says, before anything is known about its meaning. HCL and JSON give the same trees. */
sealed interface Syntax {
    /** Where it begins. */
    Place place();

    /** A string, number or truth value, as text. */
    record Scalar(Place place, String text) implements Syntax {}

    /** A list. */
    record Sequence(Place place, List<Syntax> items) implements Syntax {}

    /** A block or object; a key may come several times. A label of a block is a block around it. */
    record Body(Place place, List<Entry> entries) implements Syntax {}

    /** One line of a body. */
    record Entry(Place place, String key, Syntax value) {}
}
