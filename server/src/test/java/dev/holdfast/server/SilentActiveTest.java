package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.Client.Reply;
import dev.holdfast.server.Servers.One;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients of standbys see when the active is suddenly silent, as one is that was paused or cut off. */
class SilentActiveTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** For how long an echo is waited for; who waited for it would see another active after that only. */
    private static final Duration ECHO = Duration.ofSeconds(2);

    @RegisterExtension
    final Servers servers =
            new Servers().with("disable_performance_standby = true").withProxies();

    private static FaultProxy proxy(One server) {
        return server.proxy.orElseThrow();
    }

    private static CompletableFuture<Reply> read(One through) {
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        Thread reader = new Thread(() -> answer.completeAsync(() -> through.get("secret/a"), Runnable::run));
        reader.setDaemon(true);
        reader.start();
        return answer;
    }

    @Test
    void readersThatWaitedLongAreAnsweredByWhoeverLeadsThen() throws Exception {
        servers.withPatience(PATIENCE);
        One active = servers.startFirst();
        One second = servers.startStandby();
        One third = servers.startStandby();
        assertThat(second.put("secret/a", "{\"k\":1}").status()).isEqualTo(204);
        assertThat(third.get("secret/a").status()).isEqualTo(200);
        proxy(active).apply(Fault.BLACK_HOLE);
        List<CompletableFuture<Reply>> answers = new ArrayList<>();
        answers.add(read(second));
        answers.add(read(third));
        assertThatThrownBy(() -> answers.get(0).get(PATIENCE.toMillis() + 1_000, TimeUnit.MILLISECONDS))
                .as("it waits for the active, longer than it would for the next one")
                .isInstanceOf(TimeoutException.class);

        assertThat(active.put("sys/step-down", "").status()).isEqualTo(204);

        for (CompletableFuture<Reply> answer : answers) {
            Reply reply = answer.get(20, TimeUnit.SECONDS);
            assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        }
    }

    @Test
    void aSilentActiveIsNotWaitedForWhenAnotherOneLeads() throws Exception {
        One active = servers.startFirst();
        One standby = servers.startStandby();
        assertThat(standby.put("secret/a", "{\"k\":1}").status()).isEqualTo(204);
        proxy(active).apply(Fault.LOSE_REPLIES);
        CompletableFuture<Reply> answer = read(standby);
        CompletableFuture<Long> answered = answer.thenApply(reply -> System.nanoTime());
        String before = lastEcho(active);
        long[] unsent = {System.nanoTime()};
        Servers.await("an echo was sent and is not answered", () -> {
            long asked = System.nanoTime();
            boolean sent = !lastEcho(active).equals(before);
            if (!sent) {
                unsent[0] = asked;
            }
            return sent;
        });
        proxy(active).apply(Fault.BLACK_HOLE);

        assertThat(active.put("sys/step-down", "").status()).isEqualTo(204);
        standby.awaitActive();

        assertThat(answer.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
        assertThat(Duration.ofNanos(answered.get(20, TimeUnit.SECONDS) - unsent[0]))
                .as("from before the echo to the answer")
                .isLessThan(ECHO);
    }

    /** When the active heard of its standby last. */
    private static String lastEcho(One active) {
        JsonNode nodes = active.get("sys/ha-status").json().at("/data/nodes");
        return nodes.at("/1/last_echo").asText();
    }
}
