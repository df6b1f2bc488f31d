package io.wgfabric.javalin.rest;

/** A request that is refused at the door, before it can become a command. */
final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.detail());
        this.problem = problem;
    }

    ProblemException(int status, String slug, String detail) {
        this(Problem.of(status, slug, detail));
    }

    Problem problem() {
        return problem;
    }
}
