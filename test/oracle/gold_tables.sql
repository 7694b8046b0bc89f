-- Tables of the data sets in test/oracle/data and test/data, one per CSV.  Numeric columns are
-- double precision, all others text; a column called group would be group_.

CREATE TABLE amitriptyline_hivsn_side_effects (
  id text, placebo_drymouth text, placebo_drowsy text, placebo_chestpain text,
  ami_drymouth text, ami_drowsy text, ami_chestpain text
);

CREATE TABLE amitriptyline_hivsn_xover_bocf (
  id text, arv text, "order" text, period float8, treatment text, time1 float8,
  time2 float8, time3 float8
);

CREATE TABLE anorexia_pre_post (
  row_id float8, treat text, prewt float8, postwt float8
);

CREATE TABLE antidepressant_hamd17 (
  patient float8, hamatotl float8, pgiimp float8, reldays float8, visit float8,
  therapy text, gender text, poolinv text, basval float8, hamdtl17 float8, change float8
);

CREATE TABLE btheb_bdi_wide (
  subject float8, drug text, "length" text, treatment text, bdi_pre float8, bdi_2m float8,
  bdi_3m float8, bdi_5m float8, bdi_8m float8
);

CREATE TABLE jobs2_mediation (
  row_id float8, treat float8, econ_hard float8, depress1 float8, sex float8, age float8,
  occp text, marital text, nonwhite text, educ text, income text, job_seek float8,
  depress2 float8, work1 text, comply float8, control text, job_dich float8, job_disc float8
);

CREATE TABLE ketapain (
  patient_id float8, sexe text, age float8, av_dose float8, level_dose text,
  cum_dose float8, cum_days float8, perfusion float8, cost float8, qaly float8, mode text
);

CREATE TABLE licorice_gargle_throat_pain (
  row_id float8, preop_gender float8, preop_asa float8, preop_calcbmi float8,
  preop_age float8, preop_mallampati float8, preop_smoking float8, preop_pain float8,
  treat float8, intraop_surgerysize float8, extubation_cough float8, pacu30min_cough float8,
  pacu30min_throatpain float8, pacu30min_swallowpain float8, pacu90min_cough float8,
  pacu90min_throatpain float8, postop4hour_cough float8, postop4hour_throatpain float8,
  pod1am_cough float8, pod1am_throatpain float8
);

-- Eight columns of the table.
CREATE TABLE mimic3demo_prescriptions (
  row_id float8, subject_id float8, startdate text, enddate text, drug text,
  dose_val_rx text, dose_unit_rx text, route text
);

-- A patient's first row in the file has a meaning of its own.
CREATE TABLE "mmequiv_opioid_trial_SYNTHETIC" (
  file_row int GENERATED ALWAYS AS IDENTITY,
  patient_id text, medication_name text, dose float8, doses_per_24_hours float8,
  days_of_medication float8, therapy_days float8, observation_window_days float8,
  therapy_days_without float8, observation_window_days_without float8
);

CREATE TABLE painful_hivsn_psychology (
  row_id float8, painful_sn text, age float8, height float8, sex text, mass float8, tb text,
  vitb12 text, education float8, diabetes text, initial_cd4 float8, current_cd4 float8,
  time_sinc_diag float8, other_pain_sites text, pain_sites float8,
  intensity_other_pains float8, hscl_anxiety float8, hscl_depression float8,
  eq_5d_vas float8, pcs float8, bpi float8, pain_intensity float8
);

CREATE TABLE painful_hivsn_hscl25_items (
  id int, pain int, anx_q1 int, anx_q2 int, anx_q3 int, anx_q4 int, anx_q5 int, anx_q6
  int, anx_q7 int, anx_q8 int, anx_q9 int, anx_q10 int, dep_q11 int, dep_q12 int,
  dep_q13 int, dep_q14 int, dep_q15 int, dep_q16 int, dep_q17 int, dep_q18 int,
  dep_q19 int, dep_q20 int, dep_q21 int, dep_q22 int, dep_q23 int, dep_q24 int,
  dep_q25 int
);

CREATE TABLE sanon_chronic_pain_ordinal (
  treat text, response text, center text, diagnosis text
);

CREATE TABLE "simdataHADS_SIMULATED" (
  grp float8, sex float8, age float8, hads_2 int, hads_4 int, hads_6 int, hads_8 int,
  hads_10 int, hads_12 int, hads_14 int, id float8, "time" float8, time_entry float8
);

CREATE TABLE sleepstudy (
  reaction float8, days float8, subject float8
);
