package dev.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EntryTest {
    private static final Key KEY = Key.of("a/b");

    @Test
    void doesNotChangeWithTheArrayItWasMadeFrom() {
        byte[] bytes = {1, 2, 3};
        Entry entry = Entry.of(KEY, bytes);

        bytes[0] = 99;

        assertThat(entry.value()).containsExactly(1, 2, 3);
    }

    @Test
    void doesNotChangeWithTheArrayItGaveOut() {
        Entry entry = Entry.of(KEY, new byte[] {1, 2, 3});

        entry.value()[0] = 99;

        assertThat(entry.value()).containsExactly(1, 2, 3);
    }

    @Test
    void anEmptyValueIsAValue() {
        Entry entry = Entry.of(KEY, new byte[0]);

        assertThat(entry.value()).isEmpty();
        assertThat(entry.size()).isZero();
    }

    @Test
    void isEqualByKeyAndBytes() {
        Entry entry = Entry.of(KEY, new byte[] {1, 2});

        assertThat(entry)
                .isEqualTo(Entry.of(KEY, new byte[] {1, 2}))
                .hasSameHashCodeAs(Entry.of(KEY, new byte[] {1, 2}))
                .isNotEqualTo(Entry.of(KEY, new byte[] {1, 3}))
                .isNotEqualTo(Entry.of(Key.of("a/c"), new byte[] {1, 2}));
    }

    @Test
    void doesNotShowItsValue() {
        assertThat(Entry.of(KEY, "secret".getBytes(StandardCharsets.UTF_8))).hasToString("a/b (6 bytes)");
    }
}
