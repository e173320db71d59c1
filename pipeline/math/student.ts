/** P(T <= t) of Student's distribution with a whole number of degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4). */
export function studentCdf(t: number, degrees: number): number {
  if (!(Number.isInteger(degrees) && degrees >= 1)) {
    throw new RangeError(`degrees=${degrees} should be an integer >= 1`);
  }
  const angle = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = 0;
  for (let k = isOdd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= ((k - 1) / k) * cosine ** 2;
  }
  const within = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  return t >= 0 ? (1 + within) / 2 : (1 - within) / 2;
}
