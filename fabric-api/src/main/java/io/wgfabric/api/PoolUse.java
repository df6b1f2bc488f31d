package io.wgfabric.api;

import java.math.BigInteger;

/**
 * How much of a pool is in use.
 *
 * @param size how many addresses it may give
 * @param leased those that nodes have
 * @param reserved those that are kept for a name, leased or not
 * @param resting those that came back or are kept for a token; some of them may have rested long enough by now
 */
public record PoolUse(Prefix pool, BigInteger size, int leased, int reserved, int resting) {}
