package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.Servers.One;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients in other languages, unmodified. {@code server/clients/run} installs them and runs this; the gate does not. */
@EnabledIfEnvironmentVariable(named = "HOLDFAST_CLIENTS", matches = ".+")
class OtherLanguagesTest {
    @RegisterExtension
    final Servers servers = new Servers();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"node,node-vault.js", "/usr/bin/python3,hvac_flow.py"})
    void theOrdinaryFlowWorksAtTheActiveAndAtAStandby(String language, String script) throws Exception {
        One active = servers.start();
        One standby = servers.start();
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        language,
                        Path.of("clients", script).toAbsolutePath().toString(),
                        active.address(),
                        standby.address()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .put(
                        "NODE_PATH",
                        Path.of(System.getenv("HOLDFAST_CLIENTS"), "node_modules")
                                .toString());
        Process process = builder.start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();

        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as(said).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).contains("at the active: fine", "at the standby: fine", "step-down: fine");
    }
}
