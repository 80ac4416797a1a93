package dev.holdfast.tck.rules;

import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The servers of a store, for checks that disturb one of at least three. */
final class Servers {
    private Servers() {}

    static List<StoreServer> of(Trial trial) {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3) {
            throw new NotApplicableException("the store has fewer than three servers");
        }
        return servers;
    }

    /** One that leads the others, or one that follows. */
    static StoreServer one(List<StoreServer> servers, boolean leader) {
        return servers.stream()
                .filter(server -> server.leads() == leader)
                .findFirst()
                .orElseThrow(() -> new UnverifiedException("no server says that it " + (leader ? "leads" : "follows")));
    }

    static List<StoreServer> without(List<StoreServer> servers, StoreServer one) {
        return servers.stream().filter(server -> server != one).toList();
    }

    /** All of them, and another one first for each number: clients that begin with the first do not all meet there. */
    static List<StoreServer> turned(List<StoreServer> servers, int number) {
        List<StoreServer> turned = new ArrayList<>(servers);
        Collections.rotate(turned, number);
        return turned;
    }
}
