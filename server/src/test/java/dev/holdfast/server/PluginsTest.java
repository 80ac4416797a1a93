package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.config.ConfigReader;
import dev.holdfast.server.config.ConfigSource;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.Backends;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {
    private static final String CLOSED = PluginsTest.class.getName();

    /** Two jars have a class of the same name, which tell what they are by it. */
    private static void jar(Path directory, String type) throws IOException {
        Path sources = Files.createDirectories(directory.resolve(type + "-src"));
        Path provider = Files.writeString(sources.resolve("Plugged" + type + ".java"), """
                import dev.holdfast.spi.*;
                import dev.holdfast.spi.config.*;
                import java.lang.reflect.Proxy;
                import java.util.Map;
                public class Plugged%1$s implements BackendProvider {
                    public String type() { return "%1$s-" + Shared.NAME(); }
                    public OptionSchema options() { return OptionSchema.of(); }
                    public Backend open(Config config) {
                        ClassLoader own = getClass().getClassLoader();
                        Backend memory = Backends.load(own).open("inmem", Map.of("store", type()));
                        return (Backend) Proxy.newProxyInstance(own, new Class<?>[] {Backend.class}, (self, method, args) -> {
                            if (method.getName().equals("close")) {
                                Late.note();
                            }
                            return method.invoke(memory, args);
                        });
                    }
                }
                """.formatted(type));
        Path shared = Files.writeString(sources.resolve("Shared.java"), """
                class Shared { static String NAME() { return "of%1$s"; } }
                class Late { static void note() { System.setProperty("%2$s", "closed"); } }
                """.formatted(type, CLOSED));
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        provider.toString(),
                        shared.toString());
        assertThat(failed).isZero();
        try (OutputStream file = Files.newOutputStream(directory.resolve(type + ".jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            for (String name : new String[] {"Plugged" + type + ".class", "Shared.class", "Late.class"}) {
                jar.putNextEntry(new JarEntry(name));
                jar.write(Files.readAllBytes(sources.resolve(name)));
            }
            jar.putNextEntry(new JarEntry("META-INF/services/dev.holdfast.spi.BackendProvider"));
            jar.write(("Plugged" + type).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void jarsOfADirectoryAreFoundBesideTheClassPathEachWithItsOwnClasses(@TempDir Path directory) throws IOException {
        jar(directory, "a");
        jar(directory, "b");

        try (Plugins plugins = new Plugins()) {
            Backends found = plugins.backends(directory);

            assertThat(found.problems()).isEmpty();
            assertThat(found.types()).contains("a-ofa", "b-ofb", "inmem", "etcd", "zookeeper", "s3");
        }
    }

    @Test
    void jarsAreOpenUntilTheirBackendsAreClosedAndNotLonger(@TempDir Path directory) throws IOException {
        jar(directory, "a");
        Plugins plugins = new Plugins();
        ServerConfig config = new ConfigReader(name -> null, plugins::backends)
                .read(List.of(new ConfigSource("-", """
                plugin_directory = "%s"
                storage "a-ofa" {}
                listener "tcp" {
                  address = "127.0.0.1:0"
                  tls_disable = true
                }
                """.formatted(directory))));
        ClassLoader jar =
                plugins.backends(directory).provider("a-ofa").getClass().getClassLoader();
        System.clearProperty(CLOSED);

        try (HoldfastServer server = HoldfastServer.start(config, plugins)) {
            assertThat(server.node().state()).isEqualTo("sealed");
            assertThat(jar.getResource("Shared.class")).isNotNull();
        }

        assertThat(System.clearProperty(CLOSED))
                .as("a class that only closing needs")
                .isEqualTo("closed");
        assertThat(jar.getResource("Shared.class")).isNull();
    }
}
