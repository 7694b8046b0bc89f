-- Chapter score: questionnaires from their items.  Arithmetic only: the wording of the
-- forms belongs to their owners, and so do the names HADS and SF-12.

-- ---- HADS --------------------------------------------------------------------

CREATE TYPE hads_result AS (
  anxiety int,
  depression int,
  n_answered int,
  anxiety_category text,
  depression_category text
);

CREATE FUNCTION hads_score(items int[]) RETURNS hads_result
AS 'MODULE_PATHNAME', 'kc_hads_score' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION hads_category(score int) RETURNS text
AS 'MODULE_PATHNAME', 'kc_hads_category' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON TYPE hads_result IS
'the two subscales of the Hospital Anxiety and Depression Scale, 0 to 21 each; NULL with fewer than 6 of 7 answers';
COMMENT ON FUNCTION hads_score(int[]) IS
'anxiety (odd items) and depression (even items) from 14 items of 0 to 3, 3 being worst; one missing item of a subscale counts as the mean of the others, rounded to a whole score, halves up';
COMMENT ON FUNCTION hads_category(int) IS
'band of a subscale: normal (0 to 7), borderline (8 to 10), abnormal (11 to 21)';

-- ---- any scale ---------------------------------------------------------------

CREATE FUNCTION scale_score(items float8[], reverse int[] = '{}', minimum float8 = 0,
                            maximum float8 = NULL, min_answered int = NULL,
                            method text = 'sum')
RETURNS float8
AS 'MODULE_PATHNAME', 'kc_scale_score' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION scale_score(float8[], int[], float8, float8, int, text) IS
'sum or mean of items; reverse lists the items to turn into minimum + maximum - item; with at least min_answered answers (all, when NULL) a sum counts missing ones as the mean of the others';

-- ---- SF-12 version 1 ---------------------------------------------------------

CREATE TABLE sf12_weights (
  position int NOT NULL CHECK (position BETWEEN 0 AND 12),
  item text NOT NULL CHECK (item <> ''),
  response int NOT NULL,
  pcs float8 NOT NULL CHECK (pcs > '-infinity' AND pcs < 'infinity'),
  mcs float8 NOT NULL CHECK (mcs > '-infinity' AND mcs < 'infinity'),
  shipped boolean NOT NULL DEFAULT false,
  CONSTRAINT sf12_weights_version_1 CHECK (
    CASE WHEN position = 0 THEN response = 0
      ELSE response BETWEEN 1 AND ('{5,3,3,2,2,2,2,5,6,6,6,5}'::int[])[position] END)
);

CREATE UNIQUE INDEX sf12_weights_key ON sf12_weights (position, response, shipped);

-- Ware 1995, as openly published in sf12v1.sas of openhealthmeasures.org, to five decimals.
INSERT INTO sf12_weights VALUES
  (0, 'constant', 0, 56.57706, 60.75781, true),
  (1, 'GH1', 1, 0, 0, true),
  (1, 'GH1', 2, -1.31872, -0.06064, true),
  (1, 'GH1', 3, -3.02396, 0.03482, true),
  (1, 'GH1', 4, -5.56461, -0.16891, true),
  (1, 'GH1', 5, -8.37399, -1.71175, true),
  (2, 'PF02', 1, -7.23216, 3.93115, true),
  (2, 'PF02', 2, -3.45555, 1.8684, true),
  (2, 'PF02', 3, 0, 0, true),
  (3, 'PF04', 1, -6.24397, 2.68282, true),
  (3, 'PF04', 2, -2.73557, 1.43103, true),
  (3, 'PF04', 3, 0, 0, true),
  (4, 'RP2', 1, -4.61617, 1.4406, true),
  (4, 'RP2', 2, 0, 0, true),
  (5, 'RP3', 1, -5.51747, 1.66968, true),
  (5, 'RP3', 2, 0, 0, true),
  (6, 'RE2', 1, 3.04365, -6.82672, true),
  (6, 'RE2', 2, 0, 0, true),
  (7, 'RE3', 1, 2.32091, -5.69921, true),
  (7, 'RE3', 2, 0, 0, true),
  (8, 'BP2', 1, 0, 0, true),
  (8, 'BP2', 2, -3.8013, 0.90384, true),
  (8, 'BP2', 3, -6.50522, 1.49384, true),
  (8, 'BP2', 4, -8.38063, 1.76691, true),
  (8, 'BP2', 5, -11.25544, 1.48619, true),
  (9, 'MH3', 1, 0, 0, true),
  (9, 'MH3', 2, 0.66514, -1.94949, true),
  (9, 'MH3', 3, 1.36689, -4.09842, true),
  (9, 'MH3', 4, 2.37241, -6.31121, true),
  (9, 'MH3', 5, 2.90426, -7.92717, true),
  (9, 'MH3', 6, 3.46638, -10.19085, true),
  (10, 'VT2', 1, 0, 0, true),
  (10, 'VT2', 2, -0.42251, -0.92057, true),
  (10, 'VT2', 3, -1.14387, -1.65178, true),
  (10, 'VT2', 4, -1.6185, -3.29805, true),
  (10, 'VT2', 5, -2.02168, -4.88962, true),
  (10, 'VT2', 6, -2.44706, -6.02409, true),
  (11, 'MH4', 1, 4.61446, -16.15395, true),
  (11, 'MH4', 2, 3.41593, -10.77911, true),
  (11, 'MH4', 3, 2.34247, -8.09914, true),
  (11, 'MH4', 4, 1.28044, -4.59055, true),
  (11, 'MH4', 5, 0.41188, -1.95934, true),
  (11, 'MH4', 6, 0, 0, true),
  (12, 'SF2', 1, -0.33682, -6.29724, true),
  (12, 'SF2', 2, -0.94342, -8.26066, true),
  (12, 'SF2', 3, -0.18043, -5.63286, true),
  (12, 'SF2', 4, 0.11038, -3.13896, true),
  (12, 'SF2', 5, 0, 0, true);

SELECT pg_extension_config_dump('sf12_weights', 'WHERE NOT shipped');

GRANT SELECT ON sf12_weights TO PUBLIC;
GRANT INSERT, UPDATE, DELETE ON sf12_weights TO @extowner@;

CREATE TRIGGER own_row BEFORE INSERT OR UPDATE ON sf12_weights
  FOR EACH ROW WHEN (NEW.shipped) EXECUTE FUNCTION kc_own_row();
CREATE TRIGGER keep_key BEFORE UPDATE ON sf12_weights
  FOR EACH ROW WHEN (OLD.shipped AND
    (OLD.position, OLD.response) IS DISTINCT FROM (NEW.position, NEW.response))
  EXECUTE FUNCTION kc_keep_shipped_row();
CREATE TRIGGER keep_row BEFORE DELETE ON sf12_weights
  FOR EACH ROW WHEN (OLD.shipped) EXECUTE FUNCTION kc_keep_shipped_row();

CREATE TYPE sf12_result AS (
  pcs float8,
  mcs float8
);

CREATE FUNCTION sf12_score(items int[]) RETURNS sf12_result
AS 'MODULE_PATHNAME', 'kc_sf12_score' LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON TABLE sf12_weights IS
'Weights of the answers of the SF-12 version 1, US norms of 1990. Rows of your own win over shipped ones with the same position and response, and pg_dump keeps them. SF-12 is a trademark of its owners; the form needs their licence.';
COMMENT ON COLUMN sf12_weights.position IS
'Number of the item in the order of the form; 0: the constant';
COMMENT ON COLUMN sf12_weights.item IS
'Short name of the item in the published weights';
COMMENT ON COLUMN sf12_weights.response IS
'Code of the answer as printed on the form';
COMMENT ON COLUMN sf12_weights.pcs IS
'What the answer adds to the physical component';
COMMENT ON COLUMN sf12_weights.mcs IS
'What the answer adds to the mental component';
COMMENT ON COLUMN sf12_weights.shipped IS
'True for the rows of the extension, false for your own and for a shipped row you changed';
COMMENT ON TRIGGER own_row ON sf12_weights IS
'Rows that users write are not shipped';
COMMENT ON TRIGGER keep_key ON sf12_weights IS
'The key of a shipped row stays';
COMMENT ON TRIGGER keep_row ON sf12_weights IS
'Shipped rows stay';
COMMENT ON TYPE sf12_result IS
'physical (pcs) and mental (mcs) component, mean 50 and standard deviation 10 in the population of the weights';
COMMENT ON FUNCTION sf12_score(int[]) IS
'physical and mental component of the SF-12 version 1 from 12 codes as printed; NULL when an answer is missing; weights from sf12_weights';

-- ---- pain --------------------------------------------------------------------

CREATE FUNCTION pain_category(score float8) RETURNS text
AS 'MODULE_PATHNAME', 'kc_pain_category' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION pain_category(float8) IS
'band of pain from 0 to 10: none (0), mild (to 3), moderate (to 6), severe (to 10)';

-- ---- reliability ---------------------------------------------------------------

CREATE TYPE reliability_result AS (
  n int8,
  n_missing int8,
  n_items int,
  alpha float8,
  conf_low float8,
  conf_high float8,
  alpha_standardized float8,
  note text
);

CREATE FUNCTION kc_item_summary_add(item_summary, items float8[]) RETURNS item_summary
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE item_summary(items float8[]) (
  SFUNC = kc_item_summary_add,
  STYPE = item_summary,
  COMBINEFUNC = kc_item_summary_combine,
  FINALFUNC = kc_item_summary_finish,
  SSPACE = 2048,
  PARALLEL = SAFE
);

CREATE FUNCTION cronbach_alpha(item_summary, conf_level float8 = 0.95)
RETURNS reliability_result
AS 'MODULE_PATHNAME', 'kc_cronbach_alpha' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION kc_cronbach_alpha_final(item_summary) RETURNS reliability_result
AS 'MODULE_PATHNAME', 'kc_cronbach_alpha_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE AGGREGATE cronbach_alpha(items float8[]) (
  SFUNC = kc_item_summary_add,
  STYPE = item_summary,
  COMBINEFUNC = kc_item_summary_combine,
  FINALFUNC = kc_cronbach_alpha_final,
  SSPACE = 2048,
  PARALLEL = SAFE
);

COMMENT ON TYPE reliability_result IS
'internal consistency of a scale: Cronbach''s alpha of complete forms with Feldt''s interval, and of standardized items';
COMMENT ON FUNCTION kc_item_summary_add(item_summary, float8[]) IS
'adds a form; one with a missing item is counted in n_missing';
COMMENT ON AGGREGATE item_summary(float8[]) IS
'sums and products of a scale''s items over complete forms';
COMMENT ON FUNCTION cronbach_alpha(item_summary, float8) IS
'Cronbach''s alpha of complete forms, as R psych::alpha, with Feldt''s interval';
COMMENT ON FUNCTION kc_cronbach_alpha_final(item_summary) IS
'Cronbach''s alpha with default options';
COMMENT ON AGGREGATE cronbach_alpha(float8[]) IS
'Cronbach''s alpha of complete forms, as R psych::alpha, with Feldt''s interval';
