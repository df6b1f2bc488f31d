package io.wgfabric.javalin.rest;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One row of the table of {@link Routes}: what is said here is served, and is what {@link OpenApi} documents.
 *
 * @param handler runs only for callers that are among the admitted; null for what is served elsewhere
 * @param summary one line for people
 */
record Route(
        HandlerType method,
        String path,
        Set<Who> admitted,
        @Nullable Handler handler,
        String summary,
        Input input,
        Output output) {
    static final String JSON = "application/json";

    /**
     * @param body the record that the request is read as
     * @param keyed whether it is a change that an {@code Idempotency-Key} makes repeatable
     */
    record Input(@Nullable Class<?> body, List<Query> queries, boolean keyed) {}

    /** A parameter after the question mark; all of them may be left out. */
    record Query(String name, Class<?> type, String description) {}

    /**
     * @param status of the answer where it was done
     * @param mediaType of the answer; null where it has no body
     * @param answer the record that a JSON answer is written from
     * @param row where the answer is a {@link Page}, the record of its items
     * @param refuses statuses of problems beyond those that follow from the rest
     */
    record Output(
            int status,
            @Nullable String mediaType,
            @Nullable Class<?> answer,
            @Nullable Class<?> row,
            Set<Integer> refuses) {}

    /** A row that says nothing yet of what it is for; a test refuses to leave it so. */
    static Route of(HandlerType method, String path, Set<Who> admitted, @Nullable Handler handler) {
        return new Route(
                method,
                path,
                admitted,
                handler,
                "",
                new Input(null, List.of(), !method.equals(HandlerType.GET)),
                new Output(204, null, null, null, Set.of()));
    }

    String name() {
        return method.name() + " " + path;
    }

    Route does(String newSummary) {
        return new Route(method, path, admitted, handler, newSummary, input, output);
    }

    Route takes(Class<?> body) {
        return with(new Input(body, input.queries, input.keyed));
    }

    Route query(String name, Class<?> type, String description) {
        Stream<Query> all = Stream.concat(input.queries.stream(), Stream.of(new Query(name, type, description)));
        return with(new Input(input.body, all.toList(), input.keyed));
    }

    /** A change that no header makes repeatable: its body names it, or repeating it is harmless. */
    Route unkeyed() {
        return with(new Input(input.body, input.queries, false));
    }

    Route gives(Class<?> answer) {
        return gives(200, answer);
    }

    Route gives(int status, Class<?> answer) {
        return with(new Output(status, JSON, answer, null, output.refuses));
    }

    /** A list in parts. */
    Route lists(Class<?> row) {
        return lists(row, 1_000);
    }

    /** @param most how many items a part has at most */
    Route lists(Class<?> row, int most) {
        return with(new Output(200, JSON, null, row, output.refuses))
                .query("limit", int.class, "At most so many items, 1 to " + most + ".")
                .query("after", String.class, "Begin after the item that the part before named as 'next'.");
    }

    /** Something that is no JSON. */
    Route givesOther(String mediaType) {
        return with(new Output(200, mediaType, null, null, output.refuses));
    }

    /** Problems beyond those that follow from what it takes and whom it admits. */
    Route refuses(Integer... statuses) {
        return with(new Output(output.status, output.mediaType, output.answer, output.row, Set.of(statuses)));
    }

    private Route with(Input newInput) {
        return new Route(method, path, admitted, handler, summary, newInput, output);
    }

    private Route with(Output newOutput) {
        return new Route(method, path, admitted, handler, summary, input, newOutput);
    }
}
