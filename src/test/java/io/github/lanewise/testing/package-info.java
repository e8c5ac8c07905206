/**
 * What the tests share: guarded arrays, data, tolerances, executors, and naive references written
 * from the formulas.
 */
package io.github.lanewise.testing;
