package dev.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendsTest {
    private static final Option<String> NAME = Option.string("name", "A name").makeRequired();

    @TempDir
    private Path classPath;

    private URLClassLoader loader;

    @AfterEach
    void closeLoader() throws Exception {
        if (loader != null) {
            loader.close();
        }
    }

    private Backends load(String... providers) throws Exception {
        Path services = Files.createDirectories(classPath.resolve("META-INF/services"));
        Files.write(services.resolve(BackendProvider.class.getName()), List.of(providers));
        URL[] urls = {classPath.toUri().toURL()};
        loader = new URLClassLoader(urls, BackendsTest.class.getClassLoader());
        return Backends.load(loader);
    }

    /** The base of the providers here; what it opens can do nothing but show its configuration. */
    public abstract static class Provider implements BackendProvider {
        private final String type;

        Provider(String type) {
            this.type = type;
        }

        @Override
        public String type() {
            return type;
        }

        @Override
        public OptionSchema options() {
            return OptionSchema.of(NAME);
        }

        @Override
        public Backend open(Config config) {
            return (Backend) Proxy.newProxyInstance(
                    BackendsTest.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, args) -> {
                        assertThat(method.getName()).isEqualTo("toString");
                        return config.toString();
                    });
        }
    }

    /** Of type {@code alpha}. */
    public static final class Alpha extends Provider {
        public Alpha() {
            super("alpha");
        }
    }

    /** Of type {@code alpha}, too. */
    public static final class SecondAlpha extends Provider {
        public SecondAlpha() {
            super("alpha");
        }
    }

    /** Of type {@code beta}. */
    public static final class Beta extends Provider {
        public Beta() {
            super("beta");
        }
    }

    /** Cannot be made. */
    public static final class Exploding extends Provider {
        public Exploding() {
            super("exploding");
            throw new IllegalStateException("no license");
        }
    }

    /** Needs a class that is not there. */
    public static final class Unlinked extends Provider {
        public Unlinked() {
            super("unlinked");
        }

        @Override
        public String type() {
            throw new NoClassDefFoundError("com/example/Client");
        }
    }

    @Test
    void findsAllProvidersSorted() throws Exception {
        Backends backends = load(Beta.class.getName(), Alpha.class.getName());

        assertThat(backends.types()).containsExactly("alpha", "beta");
        assertThat(backends.problems()).isEmpty();
        assertThat(backends.provider("beta")).isInstanceOf(Beta.class);
    }

    @Test
    void looksWhereTheThreadLooksUnlessItIsTold() throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Backends told = load(Alpha.class.getName());
        try {
            Thread.currentThread().setContextClassLoader(loader);
            assertThat(Backends.load().types()).isEqualTo(told.types()).containsExactly("alpha");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
        assertThat(Backends.load(ModuleLayer.boot()).types()).isEmpty();
    }

    @Test
    void opensWithACheckedConfiguration() throws Exception {
        Backends backends = load(Alpha.class.getName());

        assertThat(backends.open("alpha", Map.of("name", "x"))).hasToString("name=x");
        assertThatThrownBy(() -> backends.open("alpha", Map.of("nmae", "x")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("backend 'alpha'")
                .hasMessageContaining("'nmae' - did you mean 'name'?")
                .hasMessageContaining("'name' is required");
    }

    @Test
    void aBrokenProviderIsReportedAndHidesNoOther() throws Exception {
        Backends backends = load(
                "com.example.Missing",
                Exploding.class.getName(),
                Alpha.class.getName(),
                Unlinked.class.getName(),
                BackendsTest.class.getName(),
                Beta.class.getName());

        assertThat(backends.types()).containsExactly("alpha", "beta");
        assertThat(backends.problems())
                .hasSize(4)
                .anySatisfy(problem -> assertThat(problem).contains("com.example.Missing"))
                .anySatisfy(problem -> assertThat(problem).contains("Exploding"))
                .anySatisfy(problem -> assertThat(problem).contains("com/example/Client"))
                .anySatisfy(problem -> assertThat(problem).contains("BackendsTest not a subtype"));
        assertThat(backends.provider("alpha")).isInstanceOf(Alpha.class);
    }

    @Test
    void twoProvidersOfOneTypeAreBothRefusedByName() throws Exception {
        Backends backends = load(Alpha.class.getName(), SecondAlpha.class.getName(), Beta.class.getName());

        assertThatThrownBy(() -> backends.provider("alpha"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("'alpha'")
                .hasMessageContaining(Alpha.class.getName())
                .hasMessageContaining(SecondAlpha.class.getName());
        assertThatThrownBy(() -> backends.open("alpha", Map.of("name", "x"))).isInstanceOf(ConfigException.class);
        assertThat(backends.problems()).singleElement().asString().contains(SecondAlpha.class.getName());
        assertThat(backends.provider("beta")).isInstanceOf(Beta.class);
    }

    @Test
    void oneProviderNamedTwiceIsOne() throws Exception {
        Backends backends = load(Alpha.class.getName(), Alpha.class.getName());

        assertThat(backends.problems()).isEmpty();
        assertThat(backends.provider("alpha")).isInstanceOf(Alpha.class);
    }

    @Test
    void anUnknownTypeIsAnsweredWithTheKnownAndTheNearest() throws Exception {
        Backends backends = load(Alpha.class.getName(), Beta.class.getName(), "com.example.Missing");

        assertThatThrownBy(() -> backends.provider("alhpa"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("'alhpa'")
                .hasMessageContaining("did you mean 'alpha'?")
                .hasMessageContaining("(known: alpha, beta)")
                .hasMessageContaining("com.example.Missing");
        assertThatThrownBy(() -> backends.configure("zookeeper", Map.of()))
                .hasMessageNotContaining("did you mean")
                .hasMessageContaining("(known: alpha, beta)");
    }

    @Test
    void anEmptyClassPathIsSaidToBeEmpty() throws Exception {
        Backends backends = load();

        assertThat(backends.types()).isEmpty();
        assertThatThrownBy(() -> backends.provider("alpha")).hasMessageContaining("none was found on the class path");
    }
}
