package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.config.ConfigException;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InMemProviderTest {
    @RegisterExtension
    final Lab lab = new Lab();

    @Test
    void isFoundOnTheClassPath() {
        assertThat(Backends.load().types()).contains("inmem");
        assertThat(Backends.load().problems()).isEmpty();
    }

    @Test
    void everyBadOptionIsNamedAtOnce() {
        assertThatThrownBy(() -> Backends.load()
                        .configure(
                                "inmem",
                                Map.of(
                                        "stroe", "x",
                                        "path", "a//b",
                                        "lock_ttl", "99ms",
                                        "request_timeout", "9ms")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("'stroe' - did you mean 'store'?")
                .hasMessageContaining("'path'")
                .hasMessageContaining("'lock_ttl': must be at least 100ms")
                .hasMessageContaining("'request_timeout': must be at least 10ms");
    }

    @Test
    void aPathMeansTheSameWithAndWithoutItsLastSlash() {
        Entry entry = Lab.entry("a", "1");
        Backend with = lab.with("path", "x/y/").open("1");
        Backend without = lab.with("path", "x/y").open("2");

        with.put(entry);

        assertThat(without.get(entry.key())).contains(entry);
    }

    @Test
    void namespacesDoNotSeeEachOther() {
        Backend inner = lab.with("path", "x/").open("1");
        Backend outer = lab.with("path", "").open("2");

        inner.put(Lab.entry("a", "1"));
        outer.put(Lab.entry("x/b", "2"));

        assertThat(outer.get(Key.of("x/a"))).isEmpty();
        assertThat(inner.get(Key.of("b"))).isEmpty();
    }

    @Test
    void declaresAllCapabilities() {
        assertThat(lab.open("1").capabilities()).isEqualTo(EnumSet.allOf(Capability.class));
    }

    @Test
    void locksCanBeTurnedOff() {
        HABackend backend = lab.with("ha_enabled", "false").open("1");

        assertThat(backend.haEnabled()).isFalse();
        assertThat(backend.capabilities())
                .isEqualTo(EnumSet.complementOf(EnumSet.of(Capability.LOCKS, Capability.WATCHES)));
        assertThatThrownBy(() -> backend.lock(Key.of("a"), "me"))
                .isInstanceOf(BackendException.InvalidRequest.class)
                .hasMessageContaining("LOCKS")
                .hasMessageContaining("ha_enabled");
    }

    @Test
    void errorsNameTheStoreThePathTheCallAndTheKey() {
        Backend backend = lab.open("1");
        lab.link("1").cut();

        assertThatThrownBy(() -> backend.get(Key.of("some/key")))
                .hasMessageContaining("inmem (store=" + lab.name + " path=lab/)")
                .hasMessageContaining("get 'some/key'");
        assertThat(backend).hasToString("inmem (store=" + lab.name + " path=lab/)");
    }

    @Test
    void aDroppedStoreIsForgotten() {
        lab.open("1").put(Lab.entry("a", "1"));

        InMemStores.drop(lab.name);

        assertThat(lab.open("2").get(Key.of("a"))).isEmpty();
    }
}
