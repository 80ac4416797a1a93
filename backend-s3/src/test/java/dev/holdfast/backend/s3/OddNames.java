package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Prefix;
import java.util.List;

/** Names that need an encoding in XML, in URLs, or in both, and some that XML does not allow. */
final class OddNames {
    private OddNames() {}

    /** Writes them, lists them in whole and one by one, and deletes them again. */
    static void check(Backend backend) {
        List<String> names = List.of("%2F", "+", "a b", "a+b", "a&<b>", "\uE000", "\uFFFE", "\uFFFF/");
        List<String> sorted = names.stream().sorted(Prefix.NAME_ORDER).toList();
        Prefix base = Prefix.of("odd & + \uFFFE %/");
        for (String name : names) {
            backend.put(Entry.of(base.key(name.endsWith("/") ? name + "deep" : name), new byte[] {1}));
        }
        assertThat(backend.list(base)).isEqualTo(sorted);
        for (int i = 0; i < sorted.size(); i++) {
            assertThat(backend.list(base, i == 0 ? "" : sorted.get(i - 1), 1)).containsExactly(sorted.get(i));
        }
        for (String name : names) {
            backend.delete(base.key(name.endsWith("/") ? name + "deep" : name));
        }
    }
}
