package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.server.config.ConfigReader;
import dev.holdfast.server.config.ConfigSource;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.driver.CommonOptions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server does with a store that could have locks, and found out that it has none. */
class StoresTest {
    private static final AtomicInteger OPEN = new AtomicInteger();

    @TempDir
    private Path classPath;

    private URLClassLoader loader;
    private Backends backends;

    /** Of type {@code unfit}: in memory, without a usable lock. */
    public static final class Unfit implements BackendProvider {
        @Override
        public String type() {
            return "unfit";
        }

        @Override
        public OptionSchema options() {
            return OptionSchema.of(CommonOptions.HA_ENABLED);
        }

        @Override
        public Backend open(Config config) {
            Backend memory = Backends.load().open("inmem", Map.of("store", "unfit-" + UUID.randomUUID()));
            String why = config.get(CommonOptions.HA_ENABLED) ? "it checks first and writes later" : "turned off";
            OPEN.incrementAndGet();
            return (Backend) Proxy.newProxyInstance(
                    StoresTest.class.getClassLoader(), new Class<?>[] {HABackend.class}, (proxy, method, args) -> {
                        if (method.getName().equals("haEnabled")) {
                            return false;
                        }
                        if (method.getName().equals("lock")) {
                            throw new BackendException.InvalidRequest(Operation.at("unfit", "here"), why);
                        }
                        if (method.getName().equals("close")) {
                            OPEN.decrementAndGet();
                        }
                        try {
                            return method.invoke(memory, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    @BeforeEach
    void load() throws Exception {
        OPEN.set(0);
        Path services = Files.createDirectories(classPath.resolve("META-INF/services"));
        Files.write(services.resolve(BackendProvider.class.getName()), List.of(Unfit.class.getName()));
        loader = new URLClassLoader(new URL[] {classPath.toUri().toURL()}, StoresTest.class.getClassLoader());
        backends = Backends.load(loader);
    }

    @AfterEach
    void close() throws Exception {
        loader.close();
        assertThat(OPEN).as("backends that were left open").hasValue(0);
    }

    private HoldfastServer start(String storage, String more) throws Exception {
        String text = "storage \"unfit\" {\n" + storage + "\n}\nlistener \"tcp\" {\naddress = \"127.0.0.1:0\"\n"
                + "tls_disable = true\n}\napi_addr = \"http://127.0.0.1:8200\"\n" + more;
        ServerConfig config =
                new ConfigReader(name -> null, plugins -> backends).read(List.of(new ConfigSource("test.hcl", text)));
        return HoldfastServer.start(config, backends);
    }

    @Test
    void aServerWhoseStoreLostItsLocksDoesNotRunAsIfItWereTheOnlyOne() {
        assertThatThrownBy(() -> start("", ""))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("storage \"unfit\": has no locks here")
                .hasMessageContaining("it checks first and writes later")
                .hasMessageContaining("add an ha_storage")
                .hasMessageContaining("set ha_enabled = \"false\"");
    }

    @Test
    void itRunsAloneOnPurposeAndSaysSo() throws Exception {
        try (HoldfastServer server = start("ha_enabled = \"false\"", "")) {
            assertThat(server.banner())
                    .contains("Storage: unfit (HA disabled)")
                    .contains("Fencing: none (no lock, run this node alone: ")
                    .contains("turned off");
        }
    }

    @Test
    void itRunsWithTheLocksOfAnotherStore() throws Exception {
        try (HoldfastServer server = start("", "ha_storage \"inmem\" {\n}\n")) {
            assertThat(server.banner()).contains("Storage: unfit").contains("HA Storage: inmem");
        }
    }
}
