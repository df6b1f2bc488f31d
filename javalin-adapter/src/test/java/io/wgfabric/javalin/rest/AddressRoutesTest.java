package io.wgfabric.javalin.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.wgfabric.api.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AddressRoutesTest {
    private final LoneManager manager = LoneManager.start();

    @AfterEach
    void stop() {
        manager.close();
    }

    private JsonNode get(String path) throws Exception {
        Reply reply = manager.operator().ask("GET", path);
        assertEquals(200, reply.status(), reply.body());
        return reply.json();
    }

    private Reply reserve(String address, String name) throws Exception {
        return manager.operator().ask("POST", "/v1/ipam/reservations", Map.of("address", address, "name", name));
    }

    @Test
    void reservedAddressIsListedAndItsNodeGetsIt() throws Exception {
        Reply reply = reserve("10.0.7.7", "db-1");

        assertEquals(201, reply.status(), reply.body());
        assertEquals("reserved", reply.json().path("state").asString());
        assertEquals("db-1", reply.json().path("reservedFor").asString());
        LoneManager.Joined joined = manager.join("db-1");
        assertEquals("10.0.7.7", joined.answer().node().addresses().get(0).toString());
        JsonNode last = get("/v1/ipam/addresses?after=10.0.7.6").path("items").path(0);
        assertEquals("leased", last.path("state").asString());
        assertEquals("db-1", last.path("name").asString());
    }

    @Test
    void addressThatCameBackSaysWhenItIsFreeAndIsFreedAtOnce() throws Exception {
        LoneManager.Joined joined = manager.join("db-1");
        String address = joined.answer().node().addresses().get(0).toString();
        manager.submit(new Command.RemoveNode(joined.id(), "test"));

        JsonNode row = get("/v1/ipam/addresses").path("items").path(1);
        assertEquals(address, row.path("address").asString());
        assertEquals("resting", row.path("state").asString());
        assertTrue(row.path("usableFrom").isString(), row.toString());
        Reply freed = manager.operator().ask("DELETE", "/v1/ipam/addresses/" + address);
        assertEquals("free", freed.json().path("state").asString(), freed.body());
        Reply again = manager.operator().ask("DELETE", "/v1/ipam/addresses/" + address);
        assertEquals(404, again.status());
        assertEquals("address-unknown", again.slug());
    }

    @Test
    void poolIsAddedOnceAndCounted() throws Exception {
        Reply reply = manager.operator().ask("POST", "/v1/ipam/pools", Map.of("pool", "fd00:7::/64"), "once");
        Reply repeat = manager.operator().ask("POST", "/v1/ipam/pools", Map.of("pool", "fd00:7::/64"), "once");

        assertEquals(201, reply.status(), reply.body());
        assertEquals(reply.body(), repeat.body());
        JsonNode pools = get("/v1/ipam/pools").path("items");
        assertEquals(2, pools.size());
        assertEquals("10.0.0.0/16", pools.path(0).path("pool").asString());
        assertEquals(65_534, pools.path(0).path("size").asInt());
        assertEquals(1, pools.path(0).path("leased").asInt());
        assertEquals("18446744073709551615", pools.path(1).path("size").asString());
        assertEquals(2, manager.join("both").answer().node().addresses().size());
    }

    @Test
    void wishesThatCannotBeGrantedAreRefused() throws Exception {
        for (Object body : new Object[] {
            Map.of(), Map.of("pool", "10.9.0.1/16"), Map.of("pool", "8.8.8.0/24"), Map.of("pool", "10.0.4.0/24"), "[]"
        }) {
            Reply reply = manager.operator().ask("POST", "/v1/ipam/pools", body);
            assertEquals("invalid", reply.slug(), reply.body());
        }
        for (Object body : new Object[] {
            Map.of("address", "10.0.0.9"),
            Map.of("name", "db-1"),
            Map.of("address", "10.0.0.0", "name", "db-1"),
            Map.of("address", "192.0.2.1", "name", "db-1"),
            Map.of("address", "10.0.0.9", "name", "no name"),
        }) {
            Reply reply = manager.operator().ask("POST", "/v1/ipam/reservations", body);
            assertEquals("invalid", reply.slug(), reply.body());
        }
        assertEquals("address-taken", reserve("10.0.0.1", "db-1").slug());
        assertEquals(
                "invalid",
                manager.operator().ask("DELETE", "/v1/ipam/addresses/here").slug());
        assertEquals(
                "invalid",
                manager.operator().ask("GET", "/v1/ipam/addresses?after=x").slug());
    }

    @Test
    void listComesInPartsInTheOrderOfTheAddresses() throws Exception {
        for (String last : List.of("9", "10", "100")) {
            reserve("10.0.0." + last, "n" + last);
        }
        List<String> found = new ArrayList<>();
        String after = "";
        while (after != null) {
            JsonNode page = get("/v1/ipam/addresses?limit=1" + (after.isEmpty() ? "" : "&after=" + after));
            page.path("items").forEach(row -> found.add(row.path("address").asString()));
            after = page.path("next").isString() ? page.path("next").asString() : null;
        }
        assertEquals(List.of("10.0.0.1", "10.0.0.9", "10.0.0.10", "10.0.0.100"), found);
    }

    @Test
    void auditSaysWhoKeptWhatForWhom() throws Exception {
        reserve("10.0.0.9", "db-1");
        reserve("10.0.0.9", "db-2");

        JsonNode audit = get("/v1/audit?limit=2").path("items");
        assertEquals("reserve-address", audit.path(0).path("action").asString(), audit.toString());
        assertEquals("10.0.0.9", audit.path(0).path("subject").asString());
        assertEquals("for node db-1", audit.path(0).path("detail").asString());
        assertEquals("address-taken", audit.path(1).path("outcome").asString());
    }
}
