package dev.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a backend gets for nothing: the whole of a listing from its pages. */
class BackendTest {
    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "999, 1", "1000, 2", "1001, 2", "2500, 3"})
    void aWholeListingIsMadeOfItsPages(int children, int pages) {
        Listed backend = new Listed(children);

        assertThat(backend.list(Prefix.of("a/"))).isEqualTo(backend.names);
        assertThat(backend.pages).isEqualTo(pages);
    }

    private static final class Listed implements Backend {
        final List<String> names;
        int pages;

        Listed(int children) {
            names = IntStream.range(0, children)
                    .mapToObj(i -> String.format("%06d", i))
                    .toList();
        }

        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            assertThat(prefix).isEqualTo(Prefix.of("a/"));
            pages++;
            return names.stream()
                    .filter(name -> Prefix.NAME_ORDER.compare(name, after) > 0)
                    .limit(limit)
                    .toList();
        }

        @Override
        public Optional<Entry> get(Key key) {
            throw new AssertionError();
        }

        @Override
        public void put(Entry entry) {
            throw new AssertionError();
        }

        @Override
        public void delete(Key key) {
            throw new AssertionError();
        }

        @Override
        public Limits limits() {
            throw new AssertionError();
        }

        @Override
        public Set<Capability> capabilities() {
            throw new AssertionError();
        }

        @Override
        public void close() {}
    }
}
