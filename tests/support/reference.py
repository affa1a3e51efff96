"""What scikit-learn, pandas and long double say: the optimum of a penalised logistic regression, a
recipe as a scikit-learn pipeline, and the program's documented hash.

scikit-learn's own solvers stop short of the optimum; coefficients are therefore compared with
Newton's method in long double, and a scikit-learn classifier is given the program's coefficients to
predict with.
"""
import functools
import struct

MISSING = ["", "NA"]


@functools.lru_cache(maxsize=None)
def read_texts(path):
    """A CSV file as pandas reads it by the rules of the job, every field a text, "" and "NA" NaN."""
    import pandas

    return pandas.read_csv(path, dtype=str, na_values=MISSING, keep_default_na=False)


# --- the program's hash -----------------------------------------------------------------------------

WORD = 2**64


def mix(x):
    """SplitMix64's output function."""
    x = (x + 0x9e3779b97f4a7c15) % WORD
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 % WORD
    x = (x ^ x >> 27) * 0x94d049bb133111eb % WORD
    return x ^ x >> 31


def hash_of(data):
    """FNV-1a, mixed."""
    state = 0xcbf29ce484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001b3 % WORD
    return mix(state)


def coin(seed, *texts):
    """Whether the second of two becomes a."""
    key = b"".join(text.encode() + b"\0" for text in texts)
    return bool(hash_of(struct.pack("<q", seed) + key) >> 63)


def sample_key(seed, partition, record):
    return hash_of(struct.pack("<q", seed) + partition.encode() + b"\0" + struct.pack("<q", record))


def sample(keys, classes, sizes=None, fraction=None, stratify=False):
    """Which of the rows that could be trained on are in the sample: a mask.

    `sizes` is the number of rows wanted, `fraction` their share; stratified, each class gets its
    share of the number by the largest remainder.
    """
    import numpy

    n = len(keys)
    if fraction is not None and not stratify:
        return numpy.array([key < fraction * WORD for key in keys])
    wanted = sizes if fraction is None else max(1, round(fraction * n))
    order = sorted(range(n), key=lambda i: keys[i])
    chosen = numpy.zeros(n, bool)
    if not stratify:
        chosen[order[:wanted]] = True
        return chosen
    names, counts = numpy.unique(classes, return_counts=True)
    shares = [divmod(int(count) * wanted, n) for count in counts]
    n_more = wanted - sum(whole for whole, _ in shares)
    by_rest = sorted(range(len(names)), key=lambda c: -shares[c][1])
    rests = [shares[c][1] for c in by_rest]
    assert n_more in (0, len(rests)) or rests[n_more - 1] > rests[n_more], "equal remainders"
    for c, name in enumerate(names):
        n_of_class = shares[c][0] + (c in by_rest[:n_more])
        chosen[[i for i in order if classes[i] == name][:n_of_class]] = True
    return chosen


# --- the optimum ------------------------------------------------------------------------------------

def balanced(y):
    """Weights of rows by class_weight="balanced"."""
    from sklearn.utils.class_weight import compute_sample_weight

    return compute_sample_weight("balanced", y)


def standard(x, fit_intercept):
    """Columns as Newton's method likes them, in long double: centred if an intercept makes up for
    it, scaled; the last one is the intercept's.  With it mean and standard deviation."""
    import numpy

    x = numpy.asarray(x, dtype=numpy.longdouble)
    std = x.std(axis=0)
    std[std == 0] = 1
    mean = x.mean(axis=0) if fit_intercept else numpy.zeros(x.shape[1], numpy.longdouble)
    z = (x - mean) / std
    return (numpy.column_stack([z, numpy.ones(len(x), numpy.longdouble)]) if fit_intercept else z,
            mean, std)


def descend(theta, objective, derivatives):
    """Newton's method: while the objective shows a descent it must descend, then full steps until
    they are as small as digits allow.

    Gradients are in long double and say where the optimum is; second derivatives and steps are in
    double, which costs a few more of them.
    """
    import numpy

    size = None
    n_polished = 0
    while n_polished < 12 and (n_polished < 4 or size > 1e-17 * abs(theta).max()):
        gradient, hessian = derivatives(theta)
        step = numpy.linalg.solve(hessian, -gradient.astype(float).ravel())
        step = step.reshape(theta.shape).astype(numpy.longdouble)
        now = objective(theta)
        if -(gradient * step).sum() < 1e-13 * now:  # not to be seen in the objective
            n_polished += 1
        else:
            while objective(theta + step) >= now:
                step /= 2
        theta = theta + step
        size = abs(step).max()
    assert size < 1e-15 * abs(theta).max(), "the reference is not at its optimum"
    return theta


def newton(x, y, C, weight=None, fit_intercept=True):
    """Coefficients and intercept at the optimum of C * sum(weight * log-loss) + |w|^2 / 2, of two
    classes (y > 0 or not), in long double."""
    import numpy

    z, mean, std = standard(x, fit_intercept)
    sign = numpy.where(numpy.asarray(y) > 0, 1, -1).astype(numpy.longdouble)
    weight = C * numpy.ones(len(z), numpy.longdouble) * (1 if weight is None else weight)
    penalty = numpy.zeros(z.shape[1], numpy.longdouble)
    penalty[:len(std)] = 1 / std**2
    rough = z.astype(float)

    def objective(theta):
        return ((weight * numpy.logaddexp(0, -sign * (z @ theta))).sum()
                + (penalty * theta**2).sum() / 2)

    def derivatives(theta):
        margin = sign * (z @ theta)
        decay = numpy.exp(-abs(margin))
        p = numpy.where(margin > 0, decay, 1) / (1 + decay)
        gradient = penalty * theta - (weight * sign * p) @ z
        curvature = (weight * decay / (1 + decay)**2).astype(float)
        return gradient, (rough.T * curvature) @ rough + numpy.diag(penalty.astype(float))

    theta = descend(numpy.zeros(z.shape[1], numpy.longdouble), objective, derivatives)
    coef = theta[:len(std)] / std
    intercept = theta[-1] - (coef * mean).sum() if fit_intercept else 0
    return coef.astype(float), float(intercept)


def newton_classes(x, y, C, weight=None, fit_intercept=True):
    """The same of several classes (y from 0 up): coefficients [class, column] and intercepts, each
    column of which sums to zero over the classes."""
    import numpy
    from scipy.special import logsumexp  # of long doubles, too

    z, mean, std = standard(x, fit_intercept)
    n_classes, n_columns = int(max(y)) + 1, z.shape[1]
    is_class = numpy.eye(n_classes, dtype=numpy.longdouble)[numpy.asarray(y, int)]
    weight = C * numpy.ones(len(z), numpy.longdouble) * (1 if weight is None else weight)
    penalty = numpy.zeros(n_columns, numpy.longdouble)
    penalty[:len(std)] = 1 / std**2
    # Nothing says what intercepts sum to: zero.
    gauge = numpy.zeros(n_columns)
    gauge[len(std):] = 1
    rough, rough_weight = z.astype(float), weight.astype(float)

    def objective(theta):
        margin = z @ theta.T
        losses = logsumexp(margin, axis=1) - (margin * is_class).sum(axis=1)
        return (weight * losses).sum() + (penalty * theta**2).sum() / 2

    def derivatives(theta):
        margin = z @ theta.T
        p = numpy.exp(margin - margin.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        gradient = penalty * theta + ((p - is_class) * weight[:, None]).T @ z
        q = p.astype(float)
        hessian = numpy.empty((n_classes, n_columns, n_classes, n_columns))
        for i in range(n_classes):
            for k in range(n_classes):
                curvature = rough_weight * q[:, i] * ((i == k) - q[:, k])
                hessian[i, :, k, :] = ((rough.T * curvature) @ rough + numpy.diag(gauge)
                                       + (i == k) * numpy.diag(penalty.astype(float)))
        return gradient, hessian.reshape(n_classes * n_columns, -1)

    theta = descend(numpy.zeros((n_classes, n_columns), numpy.longdouble), objective, derivatives)
    coef = theta[:, :len(std)] / std
    intercept = theta[:, -1] - coef @ mean if fit_intercept else numpy.zeros(n_classes)
    return coef.astype(float), (intercept - intercept.mean()).astype(float)


def assert_optimal(model, coef, intercept):
    """A model's coefficients are those of the optimum, to 1e-8 of each; one that is zero there, as
    that of a level which all rows have, to what rounding leaves of the others."""
    import numpy

    for found, expected in ((model["coef"], numpy.atleast_2d(coef)),
                            (model["intercept"], numpy.atleast_1d(intercept))):
        numpy.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-13 * abs(coef).max())


def classifier(coef, intercept, classes):
    """A scikit-learn classifier that has these coefficients, fitted by whom it may."""
    import numpy
    from sklearn.linear_model import LogisticRegression

    made = LogisticRegression()
    made.coef_, made.intercept_ = numpy.array(coef), numpy.array(intercept)
    made.classes_ = numpy.asarray(classes)
    return made


# --- recipes ----------------------------------------------------------------------------------------

def group(rows, options, is_read):
    """The features of "all columns but some", found in the rows of all partitions trained on.

    `is_read` are columns that label or weight are made of.
    """
    features = []
    keeps_missing = options.get("missing", "error") not in ("error", "drop_row")
    for name in rows.columns:
        values = rows[name].dropna()
        numbers = as_numbers(values)
        is_level = numbers is None or name in options.get("categorical", [])
        n = (values if numbers is None else numbers).nunique()
        is_kept = keeps_missing and (is_level or options.get("indicator"))
        if (name in options["all_except"] or name in is_read or n == 0
                or n == 1 and not (is_kept and len(values) < len(rows))
                or is_level and values.nunique() > options.get("max_levels", 5000)):
            continue
        if is_level:
            features.append({"name": name, "categorical": name, "drop": options.get("drop", "none"),
                             "missing": "level" if keeps_missing else options.get("missing")})
        else:
            features.append({"name": name, "scale": options.get("scale", "none"),
                             "missing": options.get("missing", "error"),
                             "indicator": options.get("indicator", False) and keeps_missing})
    return features


def as_numbers(texts):
    """None if one of them is no number."""
    try:
        return texts.astype(float)
    except ValueError:
        return None


def are_usable(features, rows):
    """Which rows can be trained on and scored; rows as in Recipe."""
    needed = [i for i, feature in enumerate(features)
              if feature.get("missing", "error") in ("error", "drop_row")]
    return rows.iloc[:, needed].notna().all(axis=1).values


class Recipe:
    """The features of a job as a pipeline of scikit-learn's, fitted to some rows.

    Rows are tables of one column a feature: of a numeric one its values, NaN where missing; of a
    categorical one its texts, None where missing.
    """

    def __init__(self, features, rows):
        from sklearn.compose import ColumnTransformer

        self.features = features
        self.levels = {}
        self.indicated = [i for i, feature in enumerate(features)
                          if feature.get("indicator") and rows.iloc[:, i].isna().any()]
        for i, feature in enumerate(features):
            if "categorical" in feature:
                texts = rows.iloc[:, i]
                self.levels[i] = sorted(texts.dropna().unique(), key=str.encode)
                if texts.isna().any():
                    self.levels[i].append(None)
        steps = [(str(i), self.step(i), [i]) for i in range(len(features))]
        steps += [(f"{i}:missing", self.indicator(), [i])
                  for i in self.indicated]
        self.pipeline = ColumnTransformer(steps, sparse_threshold=1)
        self.pipeline.fit(self.with_unknown(rows))

    def step(self, i):
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        feature = self.features[i]
        if "categorical" in feature:
            return OneHotEncoder(categories=[self.levels[i]], handle_unknown="ignore",
                                 drop="first" if feature.get("drop") == "first" else None)
        missing = feature.get("missing", "error")
        fill = "passthrough"
        if missing in ("mean", "median"):
            fill = SimpleImputer(strategy=missing)
        elif missing not in ("error", "drop_row"):
            fill = SimpleImputer(strategy="constant", fill_value=missing)
        scale = StandardScaler() if feature.get("scale") == "standard" else "passthrough"
        return make_pipeline(fill, scale)

    @staticmethod
    def indicator():
        from sklearn.impute import MissingIndicator

        return MissingIndicator(error_on_new=False)

    def with_unknown(self, rows):
        """Levels that training had not, or missing ones, turned into what the job says."""
        rows = rows.copy()
        for i, levels in self.levels.items():
            unknown_as = self.features[i].get("handle_unknown", "ignore")
            if unknown_as not in ("ignore", "error"):
                texts = rows.iloc[:, i]
                known = texts.isin([level for level in levels if level is not None])
                known |= texts.isna() & (None in levels)
                rows.isetitem(i, texts.where(known, unknown_as))
        return rows

    def transform(self, rows):
        import warnings

        import scipy.sparse

        with warnings.catch_warnings():  # of unknown levels
            warnings.simplefilter("ignore", UserWarning)
            design = self.pipeline.transform(self.with_unknown(rows))
        return design.toarray() if scipy.sparse.issparse(design) else design

    def columns(self):
        """Their names, as the program has them."""
        names = []
        for i, feature in enumerate(self.features):
            if i not in self.levels:
                names.append(feature["name"])
                continue
            levels = self.levels[i][feature.get("drop") == "first":]
            names += [f"{feature['name']}={'(missing)' if level is None else level}"
                      for level in levels]
        return names + [f"{self.features[i]['name']}:missing" for i in self.indicated]
