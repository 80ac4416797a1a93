package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Key;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in the Javadoc of {@link dev.holdfast.ha.HANode}, compiled and run as it stands there. */
public class HAEmbeddingTest {
    private static final Pattern EXAMPLE = Pattern.compile("<pre>\\{@code\\R(.*?)\\* }</pre>", Pattern.DOTALL);

    /** The service of the example. */
    public static final class Jobs {
        private volatile Backend storage;

        public void start(Backend active) {
            storage = active;
        }

        public void stop() {
            storage = null;
        }
    }

    @TempDir
    Path directory;

    @AfterEach
    void forget() {
        InMemStores.drop("docs");
    }

    private static List<String> example() throws Exception {
        Path source = Path.of(System.getProperty("basedir", ""), "../ha/src/main/java/dev/holdfast/ha/HANode.java");
        Matcher example = EXAMPLE.matcher(Files.readString(source));
        assertThat(example.find()).as("the Javadoc has an example").isTrue();
        return example.group(1)
                .lines()
                .map(line -> line.replaceFirst("^ \\* ?", ""))
                .filter(line -> !line.isBlank())
                .toList();
    }

    private Class<?> compiled(List<String> example) throws Exception {
        Path file = directory.resolve("Embedded.java");
        Files.writeString(
                file,
                "import dev.holdfast.ha.*; import dev.holdfast.spi.*; import java.util.*;\n"
                        + "public class Embedded {\n"
                        + "public static " + Closer.class.getCanonicalName() + " run(" + Jobs.class.getCanonicalName()
                        + " jobs) {\n"
                        + String.join("\n", example)
                        + "\nreturn () -> { node.close(); pair.close(); };\n}\n}\n");
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-cp", System.getProperty("java.class.path"), file.toString());
        assertThat(status).as("the example compiles").isZero();
        URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, HAEmbeddingTest.class.getClassLoader());
        return loader.loadClass("Embedded");
    }

    /** Ends what the example has started. */
    @FunctionalInterface
    public interface Closer {
        void stop();
    }

    private static Closer run(Class<?> embedded, Jobs jobs) throws Exception {
        return (Closer) embedded.getMethod("run", Jobs.class).invoke(null, jobs);
    }

    /** All but the line that opens the stores, which are others there. */
    @Test
    void theReadmeShowsTheSame() throws Exception {
        Path readme = Path.of(System.getProperty("basedir", ""), "../ha/README.md");
        Matcher shown = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL).matcher(Files.readString(readme));
        assertThat(shown.find()).as("the README has an example").isTrue();
        List<String> lines = shown.group(1).lines().map(String::strip).toList();
        assertThat(lines.subList(1, lines.size()))
                .isEqualTo(example().stream().skip(1).map(String::strip).toList());
    }

    @Test
    void makesAServiceActiveOnOneNodeAtATime() throws Exception {
        List<String> example = example();
        assertThat(example).hasSizeLessThanOrEqualTo(10);
        Class<?> embedded = compiled(example);
        Jobs first = new Jobs();
        Jobs second = new Jobs();
        Closer ofFirst = run(embedded, first);
        Lab.await("the first is active", () -> first.storage != null);
        Closer ofSecond = run(embedded, second);
        first.storage.put(Lab.entry("job", "of the first"));
        assertThat(second.storage).isNull();
        ofFirst.stop();
        Lab.await("the second is active", () -> second.storage != null);
        assertThat(first.storage).isNull();
        assertThat(second.storage.get(Key.of("job"))).contains(Lab.entry("job", "of the first"));
        ofSecond.stop();
    }
}
