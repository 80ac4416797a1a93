package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three server processes as operators run them, each with links to its stores that can be broken, under writing clients. */
final class ProcessCluster implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("outages");

    /** For what a busy machine may be too slow at first, since calls have a second here, and leases two. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

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

    /** To whom it happened, and when that began. */
    private record Happened(Member active, long began) {}

    /** Thrown when it did not happen, since that one was not active any more, or its store did not answer. */
    static final class NotHappenedException extends Exception {
        private static final long serialVersionUID = 1L;

        NotHappenedException(Client.Reply reply) {
            super(reply.status() + ": " + reply.text());
        }
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
        Servers.await("the cluster is initialised", LONGEST, () -> {
            reply[0] = client.put("sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}");
            return reply[0].status() == 200;
        });
        return reply[0].json();
    }

    List<Member> members() {
        return members;
    }

    void unseal(Member member) {
        Client.Reply reply = answer(
                "unsealing " + member.process.port,
                () -> member.process.client("").put("sys/unseal", "{\"key\":\"" + unsealKey + "\"}"));
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    void stepDown(Member active) throws NotHappenedException {
        tell(active, "sys/step-down");
    }

    void seal(Member active) throws NotHappenedException {
        tell(active, "sys/seal");
    }

    /** Nobody else is told in its place. */
    private void tell(Member active, String path) throws NotHappenedException {
        Client.Reply reply =
                active.process.client(token).send("PUT", "/v1/" + path, "", "X-Vault-No-Request-Forwarding", "true");
        if (isToComeBack(reply)) {
            throw new NotHappenedException(reply);
        }
        assertThat(reply.status()).as(reply.text()).isEqualTo(204);
    }

    private static boolean isToComeBack(Client.Reply reply) {
        return reply.status() == 503 || reply.status() == 307;
    }

    /** What is answered once there is an active and its store answers: that this takes a moment is no loss. */
    private static Client.Reply answer(String what, Supplier<Client.Reply> request) {
        Client.Reply[] reply = new Client.Reply[1];
        Servers.await(what, LONGEST, () -> {
            reply[0] = request.get();
            return !isToComeBack(reply[0]);
        });
        return reply[0];
    }

    private Member awaitActive(Predicate<Member> which) {
        Member[] found = new Member[1];
        Servers.await("one is active", LONGEST, () -> {
            found[0] = find(which);
            return found[0] != null;
        });
        return found[0];
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
        Happened happened = happen(happening);
        Member active = happened.active;
        Predicate<String> whose = activeToo
                ? address -> true
                : address -> members.stream()
                        .anyMatch(one -> !one.equals(active)
                                && one.process.isAlive()
                                && one.process.address().equals(address));
        // Who asks around for the new active takes time from it, on a machine with few cores.
        writer.awaitMore(20, whose);
        Member unused = awaitActive(one -> !one.equals(active) && one.process.isAlive());
        long outage = writer.longestGapAfter(happened.began, whose);
        log.warn("{}: {}: {} ms without a write", kind, what, outage);
        return outage;
    }

    /** Who was active a moment ago may have lost its lease by itself; then it happens to the next one. */
    private Happened happen(Happening happening) throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (true) {
            Member active = awaitActive(one -> one.process.isAlive());
            long began = System.nanoTime();
            try {
                happening.to(active);
                return new Happened(active, began);
            } catch (NotHappenedException e) {
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
            }
        }
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
        answer("listing what was written", () -> client.send("LIST", "/v1/secret/written/", ""))
                .json()
                .at("/data/keys")
                .forEach(key -> there.add(key.asText()));
        log.warn("{}: {} writes were acknowledged", kind, acknowledged.size());
        assertThat(acknowledged).hasSizeGreaterThan(100);
        assertThat(there).as("writes that are there").containsAll(acknowledged);
        for (int i = 0; i < acknowledged.size(); i += acknowledged.size() / 50) {
            String name = acknowledged.get(i);
            Client.Reply read = answer("reading " + name, () -> client.get("secret/written/" + name));
            assertThat(read.json().at("/data/n").asText()).isEqualTo(name.substring(name.indexOf('-') + 1));
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
