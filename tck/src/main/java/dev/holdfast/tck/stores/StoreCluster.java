package dev.holdfast.tck.stores;

import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.StoreServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Servers of one store, each in a container of its own. Clients reach each on its published port; among themselves they
 * talk over a network of their own, from which each can be taken while clients still reach it.
 */
final class StoreCluster implements StoreControl, AutoCloseable {
    private final String network;
    private final List<StoreContainer> containers = new ArrayList<>();
    private final List<StoreServer> servers = new ArrayList<>();

    /** How to start a server and to look at it. */
    interface Kind {
        /** The plan of server {@code number}, counted from 1, on this network. */
        StoreContainer.Plan plan(int number, String network);

        /** Whether the server on this port does real work together with others. */
        boolean answers(int port);

        /** Whether the others follow it. */
        boolean leads(int port);

        /** What clients connect to. */
        String endpoint(int port);
    }

    StoreCluster(int size, Kind kind) {
        network = StoreContainer.docker()
                .createNetworkCmd()
                .withName("holdfast-" + UUID.randomUUID())
                .withLabels(Map.of("dev.holdfast.run", StoreContainer.run()))
                .exec()
                .getId();
        try {
            for (int i = 1; i <= size; i++) {
                StoreContainer.Plan plan = kind.plan(i, network);
                StoreContainer container = new StoreContainer(plan, kind::answers);
                containers.add(container);
                servers.add(new Member(plan.alias(), container, kind));
            }
            containers.forEach(StoreContainer::awaitAnswer);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    @Override
    public List<StoreServer> servers() {
        return List.copyOf(servers);
    }

    @Override
    public void pause() {
        containers.forEach(StoreContainer::pause);
    }

    @Override
    public void resume() {
        containers.forEach(StoreContainer::resume);
    }

    @Override
    public void restart() {
        containers.forEach(StoreContainer::kill);
        containers.forEach(StoreContainer::revive);
        containers.forEach(StoreContainer::awaitAnswer);
    }

    /** One of the containers, to run commands in. */
    StoreContainer first() {
        return containers.get(0);
    }

    @Override
    public void close() {
        containers.forEach(StoreContainer::close);
        StoreContainer.docker().removeNetworkCmd(network).exec();
    }

    private record Member(String name, StoreContainer container, Kind kind) implements StoreServer {
        @Override
        public String endpoint() {
            return kind.endpoint(container.port());
        }

        @Override
        public boolean leads() {
            return kind.leads(container.port());
        }

        @Override
        public void kill() {
            container.kill();
        }

        @Override
        public void start() {
            container.revive();
            container.awaitAnswer();
        }

        @Override
        public void isolate() {
            container.disconnect();
        }

        @Override
        public void rejoin() {
            container.connect();
            container.awaitAnswer();
        }

        @Override
        public void pause() {
            container.pause();
        }

        @Override
        public void resume() {
            container.resume();
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
