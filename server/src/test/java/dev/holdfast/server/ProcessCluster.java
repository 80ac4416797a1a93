package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.FaultProxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three server processes as operators run them, each with links to its stores that can be broken, under writing clients. */
final class ProcessCluster implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("outages");

    private final String kind;
    private final List<Member> members = new ArrayList<>();
    private String token = "";
    private String unsealKey = "";
    private Writer writer;

    /** Where the stores are, as one server reaches them. */
    record Links(FaultProxy lock, FaultProxy data) {
        static Links of(int lockPort, int dataPort) {
            FaultProxy lock = FaultProxy.to("127.0.0.1", lockPort);
            return new Links(lock, lockPort == dataPort ? lock : FaultProxy.to("127.0.0.1", dataPort));
        }

        void close() {
            lock.close();
            data.close();
        }
    }

    /** One of the three. */
    record Member(ServerProcess process, Links links) {}

    /** Something that happens to the active. */
    interface Happening {
        void to(Member active) throws Exception;
    }

    /**
     * Starts them, unseals them and has clients write.
     *
     * @param links makes the links of a server
     * @param stores the blocks of a server's configuration
     */
    ProcessCluster(String kind, Path directory, Links[] links, Function<Links, String> stores) throws Exception {
        this.kind = kind;
        try {
            for (Links own : links) {
                members.add(new Member(new ServerProcess(directory, stores.apply(own)), own));
            }
            members.forEach(one -> one.process.awaitListening());
            JsonNode made = initialize(members.get(0).process.client(""));
            token = made.get("root_token").asText();
            unsealKey = made.at("/keys/0").asText();
            members.forEach(this::unseal);
            Member unused = awaitActive(one -> true);
            writer = new Writer(
                    members.stream().map(one -> one.process.address()).toList(), token);
            writer.awaitMore(20, address -> true);
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    /** As often as it takes: a busy machine may be too slow for a write that must be done within its lease. */
    private static JsonNode initialize(Client client) {
        Client.Reply[] reply = new Client.Reply[1];
        Servers.await("the cluster is initialised", () -> {
            reply[0] = client.put("sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}");
            return reply[0].status() == 200;
        });
        return reply[0].json();
    }

    List<Member> members() {
        return members;
    }

    void unseal(Member member) {
        Client.Reply reply = member.process.client("").put("sys/unseal", "{\"key\":\"" + unsealKey + "\"}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    void stepDown(Member active) {
        assertThat(active.process.client(token).put("sys/step-down", "").status())
                .isEqualTo(204);
    }

    void seal(Member active) {
        assertThat(active.process.client(token).put("sys/seal", "").status()).isEqualTo(204);
    }

    private Member awaitActive(Predicate<Member> which) {
        Servers.await("one is active", () -> find(which) != null);
        return find(which);
    }

    private Member find(Predicate<Member> which) {
        return members.stream()
                .filter(one -> which.test(one) && one.process.client("").isActive())
                .findFirst()
                .orElse(null);
    }

    /** Has the others write again after this, and returns for how many milliseconds one of them could not. */
    long outage(String what, boolean activeToo, Happening happening) throws Exception {
        awaitCandidates();
        Member active = awaitActive(one -> one.process.isAlive());
        Predicate<String> whose = activeToo
                ? address -> true
                : address -> members.stream()
                        .anyMatch(one -> !one.equals(active)
                                && one.process.isAlive()
                                && one.process.address().equals(address));
        long began = System.nanoTime();
        happening.to(active);
        // Who asks around for the new active takes time from it, on a machine with few cores.
        writer.awaitMore(20, whose);
        Member unused = awaitActive(one -> !one.equals(active) && one.process.isAlive());
        long outage = writer.longestGapAfter(began, whose);
        log.warn("{}: {}: {} ms without a write", kind, what, outage);
        return outage;
    }

    /** All that live want the lock, also those that stepped down before and left it to others for a while. */
    private void awaitCandidates() {
        Servers.await(
                "all contend again",
                () -> members.stream()
                        .map(one -> one.process)
                        .filter(ServerProcess::isAlive)
                        .map(ServerProcess::log)
                        .allMatch(text -> text.lastIndexOf(": STEPPED_DOWN")
                                <= text.lastIndexOf(": it contends for the lock again")));
    }

    /** The node is there again and stands by. */
    void awaitStandby(Member member) {
        Servers.await("the server on " + member.process.port + " stands by: " + member.process.log(), () -> {
            int status = member.process.client("").get("sys/health").status();
            return status == 473 || status == 429;
        });
        writer.awaitMore(10, member.process.address()::equals);
    }

    static Happening cut(Function<Links, FaultProxy> which) {
        return active -> which.apply(active.links).apply(Fault.BLACK_HOLE);
    }

    /** Every write that was acknowledged is there. */
    void stopAndCheck() throws InterruptedException {
        List<String> acknowledged = writer.stop();
        Client client = awaitActive(one -> one.process.isAlive()).process.client(token);
        Set<String> there = new HashSet<>();
        client.send("LIST", "/v1/secret/written/", "").json().at("/data/keys").forEach(key -> there.add(key.asText()));
        log.warn("{}: {} writes were acknowledged", kind, acknowledged.size());
        assertThat(acknowledged).hasSizeGreaterThan(100);
        assertThat(there).as("writes that are there").containsAll(acknowledged);
        for (int i = 0; i < acknowledged.size(); i += acknowledged.size() / 50) {
            String name = acknowledged.get(i);
            assertThat(client.get("secret/written/" + name).json().at("/data/n").asText())
                    .isEqualTo(name.substring(name.indexOf('-') + 1));
        }
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
        members.forEach(one -> {
            one.process.close();
            one.links.close();
        });
    }
}
