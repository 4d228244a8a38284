# SPDX-License-Identifier: Apache-2.0
"""The Liberty reader: units, tables, functions and the odd cells of real libraries."""

import pytest

from razorsim_tools.characterise import liberty, library
from razorsim_tools.characterise.liberty import LibertyError, to_expression, truth_table

SMALL = """
/* a comment { with a brace */
library (small) {
  time_unit : "10ps"; voltage_unit : "1V"; leakage_power_unit : "1pW";
  capacitive_load_unit (1, ff);
  nom_voltage : 1.2;
  lu_table_template (t2) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance;
    index_1 ("1, 3"); index_2 ("10, 20, 40"); }
  power_lut_template (p2) { variable_1 : total_output_net_capacitance; variable_2 : input_transition_time;
    index_1 ("10, 20"); index_2 ("1, 3"); }
  cell (ND2) { area : 4.0;
    leakage_power () { value : 30; when : "A"; } leakage_power () { value : 10; when : "!A"; }
    pin (A) { direction : input; rise_capacitance : 2; fall_capacitance : 4; capacitance : 9; }
    pin (B) { direction : input; capacitance : 3; }
    pin (Y) { direction : output; function : "(A B)'";
      timing () { related_pin : "A"; cell_rise (t2) { values ("1, 2, 4", \\
          "3, 4, 6"); } rise_transition (t2) { values ("1,1,1","1,1,1"); }
        cell_fall (scalar) { values ("5"); } fall_transition (scalar) { values ("1"); } }
      internal_power () { related_pin : "A"; when : "B"; rise_power (p2) { values ("1, 3", "2, 4"); }
        fall_power (scalar) { values ("7"); } }
      internal_power () { related_pin : "B"; rise_power (p2) { values ("3, 5", "4, 6"); }
        fall_power (scalar) { values ("9"); } } } }
  cell (FA) { area : 20;
    pin (A) { direction : input; capacitance : 1; } pin (B) { direction : input; capacitance : 1; }
    pin (CI) { direction : input; capacitance : 1; }
    pin (S) { direction : output; function : "A^B^CI"; }
    pin (CO) { direction : output; function : "A*B + CI*(A|B)"; } }
  cell (DFF) { area : 18; cell_leakage_power : 40; ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin (D) { direction : input; capacitance : 1; } pin (CK) { direction : input; capacitance : 1; clock : true; }
    pin (Q) { direction : output; function : "IQ"; } }
  cell (DFFR) { area : 16; ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; clear : "(!RN)"; }
    pin (D) { direction : input; capacitance : 1; } pin (CK) { direction : input; capacitance : 1; }
    pin (RN) { direction : input; capacitance : 1; }
    pin (Q) { direction : output; function : "IQ"; } pin (QN) { direction : output; function : "IQN"; } }
  cell (EDFF) { area : 10; ff (IQ, IQN) { next_state : "(DE & D) | (!DE & IQ)"; clocked_on : "CK"; }
    pin (D) { direction : input; } pin (DE) { direction : input; } pin (CK) { direction : input; }
    pin (Q) { direction : output; function : "IQ"; } }
  cell (DFFN) { area : 9; ff (IQ, IQN) { next_state : "D"; clocked_on : "!CK"; }
    pin (D) { direction : input; } pin (CK) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (SDFF) { area : 8; test_cell () { pin (D) { direction : input; } }
    ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin (D) { direction : input; } pin (CK) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (LAT) { area : 7; latch (IQ, IQN) { enable : "G"; data_in : "D"; }
    pin (D) { direction : input; } pin (G) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
  cell (TBUF) { area : 3; pin (A) { direction : input; } pin (E) { direction : input; }
    pin (Y) { direction : output; function : "A"; three_state : "E"; } }
}
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.lib"
    path.write_text(SMALL)
    return library.load(path)


def test_units_are_ns_pf_pj_nw(small):
    cell = small.cells["ND2"]
    assert cell.pins["A"].capacitance == pytest.approx(0.003)  # mean of rise and fall, fF to pF
    assert cell.leakage == pytest.approx(0.020)  # mean over states, pW to nW
    assert small.cells["DFF"].leakage == pytest.approx(0.040)
    assert small.voltage == 1.2


def test_tables_follow_their_template_s_axes(small):
    output = small.cells["ND2"].pins["Y"]
    arc = output.arcs[0]
    # Slew first in the file: 1 and 3 units of 10 ps; loads 10, 20, 40 fF.
    assert arc.delay["rise"].at(0.010, 0.01) == pytest.approx(0.01)
    assert arc.delay["rise"].at(0.020, 0.03) == pytest.approx(0.04)
    assert arc.delay["rise"].at(0.030, 0.02) == pytest.approx(0.04)
    assert arc.delay["rise"].at(0.080, 0.01) == pytest.approx(0.08)  # the slope at the edge
    assert arc.delay["fall"].at(1, 1) == pytest.approx(0.05)
    # Internal energy in fF V^2, the mean over related pins and conditions.
    assert output.energy("rise", 0.010, 0.01) == pytest.approx(2e-3)
    assert output.energy("rise", 0.020, 0.03) == pytest.approx(5e-3)
    assert output.energy("fall", 0.020, 0.03) == pytest.approx(8e-3)


def test_gates_are_known_by_what_they_compute(small):
    assert small.nand2().name == "ND2"
    adder, pins = small.full_adder()
    assert (adder.name, pins["S"], pins["CO"]) == ("FA", "S", "CO")


def test_flop_is_the_smallest_plain_one_with_reset_tied_off(small):
    cell, pins = small.flop()
    assert cell.name == "DFFR"  # not the enable, scan, falling-edge or latch cell
    assert pins == {"D": "D", "CK": "CLK", "RN": "1", "Q": "Q", "QN": ""}


def test_scan_latch_and_three_state_cells_are_left_out(small):
    assert not any(small.cells[name].usable for name in ("SDFF", "LAT", "TBUF"))


@pytest.mark.parametrize(
    ("function", "table"),
    [
        ("(A B)'", (1, 1, 1, 0)),
        ("!A + B", (1, 0, 1, 1)),
        ("A'*B'", (1, 0, 0, 0)),
        ("A^B", (0, 1, 1, 0)),
        ("!(A|B)'", (0, 1, 1, 1)),
        ("(A+B) (A B)'", (0, 1, 1, 0)),
        ("1", (1, 1, 1, 1)),
    ],
)
def test_functions(function, table):
    assert truth_table(function, ["A", "B"]) == table


def test_expression_renames_pins():
    assert to_expression("(A B)+!C", str.lower) == "( a & b ) | ~ c"


@pytest.mark.parametrize(
    "text", ["", "library", "library (x) { cell (y) {", "library (x) { cell y } }", "nothing of the kind (a) {}"]
)
def test_broken_files_are_refused(tmp_path, text):
    path = tmp_path / "broken.lib"
    path.write_text(text)
    with pytest.raises(LibertyError):
        library.load(path)


def test_filter_keeps_only_the_named_cells(small):
    text = library.filtered(small.path.read_text(), {"ND2", "DFF"})
    kept = liberty.parse(text)
    assert [g.args for g in kept.all("cell")] == ["ND2", "DFF"]
    assert kept.get("nom_voltage") == "1.2"
